// Relink migrates legacy links into HighLevel (LeadConnector) in bulk, and can
// be run again until every pair is there. See README.md.
package main

import (
	"os"
	"runtime/debug"

	"relink/importer/cli"
)

func main() {
	if os.Getenv("GOGC") == "" {
		// Half as many collections, for 4 MB: a run at full speed takes an
		// eighth less CPU.
		debug.SetGCPercent(200)
	}
	hard, soft := cli.Signals()
	os.Exit(cli.Main(hard, soft, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
