package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"relink/importer/report"
	"relink/importer/source"
)

// A program is one call of relink: where its words go, and what it will exit
// with.
type program struct {
	hard, soft context.Context // see Signals; they live as long as the program
	stdin      io.Reader
	stdout     *os.File
	stderr     *os.File
	exit       int
}

// Main runs the command line and returns the exit code. When soft ends, a
// sending command stops softly; when hard ends it is dropped.
func Main(hard, soft context.Context, args []string, stdin io.Reader, stdout, stderr *os.File) int {
	p := &program{hard: hard, soft: soft, stdin: stdin, stdout: stdout, stderr: stderr}
	root := p.command()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	if err := p.cut(root.ExecuteContext(hard)); err != nil {
		code, next := 1, ""
		var f *failure
		var unreadable *source.Error
		switch {
		case errors.As(err, &f):
			code, next = f.code, f.next
		case errors.As(err, &unreadable):
			code = 2
		}
		report.Fail(stderr, err, next)
		return code
	}
	return p.exit
}

func (p *program) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "relink",
		Short: "Migrate legacy links into HighLevel in bulk; run it again until it says done",
		Long: `relink reads pairs of record ids from CSV files and links them in HighLevel
(LeadConnector), at the pace the service allows, with every outcome recorded in
Postgres. Run it again and it carries on: every pair is there exactly once, and
every pair that could not be made is listed with its reason.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage(err, "see: "+cmd.CommandPath()+" --help")
	})
	root.CompletionOptions.HiddenDefaultCmd = false
	root.AddCommand(p.importCommand(), p.loginCommand(), p.checkCommand(), p.resumeCommand(), p.retryCommand(), p.statusCommand(), p.failuresCommand(), p.sandboxCommand(), p.versionCommand(), p.undoCommand(), p.verifyCommand(), p.reportCommand())
	wrapArgs(root)
	return root
}

// someFile refuses a command line that names no file.
func someFile(_ *cobra.Command, files []string) error {
	if len(files) == 0 {
		return errors.New("FILE is missing: name the CSV file, or - for standard input")
	}
	return nil
}

// wrapArgs makes what cobra says of arguments and unknown commands bad usage.
func wrapArgs(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				text, _, _ := strings.Cut(err.Error(), "\n")
				return usage(errors.New(text), "see: "+cmd.CommandPath()+" --help")
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		wrapArgs(sub)
	}
}
