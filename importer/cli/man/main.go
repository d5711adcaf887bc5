//go:build ignore

// Man writes the man pages, one for each command, into a folder. It is run by
// make dist with a go.mod of its own, since cobra/doc brings modules that the
// program does not need.
package main

import (
	"log"
	"os"
	"time"

	"github.com/spf13/cobra/doc"

	"relink/importer/cli"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: man FOLDER VERSION")
	}
	// A fixed date, so that the same source gives the same pages.
	date := time.Unix(0, 0).UTC()
	header := &doc.GenManHeader{Title: "RELINK", Section: "1", Source: "relink " + os.Args[2], Manual: "relink", Date: &date}
	root := cli.Command()
	root.DisableAutoGenTag = true
	if err := doc.GenManTree(root, header, os.Args[1]); err != nil {
		log.Fatalf("writing man pages: %v", err)
	}
}
