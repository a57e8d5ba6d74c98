import { spawn } from "node:child_process";

/** Runs a program to its end; gives what it printed. */
export function run(command, args, { input = "", ...options } = {}) {
  const child = spawn(command, args, { ...options, stdio: ["pipe", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve(output) : reject(new Error(`${command} ended with ${code}`))));
  });
}
