// Package cli is the command line: one command a file, and the only place that
// sees every other package and wires them together. The names, exit codes and
// JSON keys are a contract with scripts outside this repository.
package cli
