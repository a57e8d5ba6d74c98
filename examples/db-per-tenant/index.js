// The program comes with the package: it reads the YAML in this folder.
require("pulumi-cdc/program");
