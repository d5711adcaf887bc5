package cli

import (
	"context"
	"os"

	"github.com/spf13/cobra"
)

// Command is the command line as a tree, for writing its documentation. It is
// not meant to be run: Main does that.
func Command() *cobra.Command {
	ctx := context.Background()
	p := &program{hard: ctx, soft: ctx, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
	return p.command()
}
