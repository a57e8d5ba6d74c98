// The program that `cdc` and `pulumi` run: it reads the YAML of this folder and declares what the sink needs.
module.exports = require("pulumi-cdc/program");
