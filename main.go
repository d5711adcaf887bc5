// Relink migrates legacy links into HighLevel (LeadConnector) in bulk, and can
// be run again until every pair is there. See README.md.
package main

import (
	"os"

	"relink/importer/cli"
)

func main() {
	hard, soft := cli.Signals()
	os.Exit(cli.Main(hard, soft, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
