package cli

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"relink/importer"
)

// completeWithin bounds what a shell waits for its completions.
const completeWithin = 3 * time.Second

// complete lets a shell ask the ledger for a flag's values; without a ledger
// there are none.
func (p *program) complete(cmd *cobra.Command, flag string, values func(context.Context, *ledger) ([]string, error)) {
	complete := func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		at := place{}
		if fromEnvironment(cmd) == nil {
			at.databaseURL, _ = cmd.Flags().GetString("database-url")
			at.stateDir, _ = cmd.Flags().GetString("state-dir")
		}
		ctx, cancel := context.WithTimeout(p.hard, completeWithin)
		defer cancel()
		l, err := at.look(ctx, "")
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer l.close()
		found, err := values(ctx, l)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
	if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err) // the flag is not defined: a mistake in this package
	}
}

// completeImports completes --import with the imports of the ledger, the latest
// first.
func (p *program) completeImports(cmd *cobra.Command) {
	p.complete(cmd, "import", func(ctx context.Context, l *ledger) ([]string, error) {
		imports, err := l.Imports(ctx)
		var out []string
		for _, i := range slices.Backward(imports) {
			out = append(out, fmt.Sprintf("%d\t%s, %d rows", i.ID, i.Name, i.Rows))
		}
		return out, err
	})
}

// completeRuns completes --run with the latest runs.
func (p *program) completeRuns(cmd *cobra.Command) {
	p.complete(cmd, "run", func(ctx context.Context, l *ledger) ([]string, error) {
		runs, err := l.Runs(ctx, 0, 0, 20)
		var out []string
		for _, r := range runs {
			out = append(out, fmt.Sprintf("%d\t%s of %s", r.ID, r.Command, r.StartedAt.Local().Format(time.DateTime)))
		}
		return out, err
	})
}

// completeCauses completes --cause with the causes that rows have failed for.
func (p *program) completeCauses(cmd *cobra.Command) {
	p.complete(cmd, "cause", func(ctx context.Context, l *ledger) ([]string, error) {
		causes, err := l.FailureCauses(ctx)
		var out []string
		for _, c := range causes {
			out = append(out, describeCause(c))
		}
		return out, err
	})
}

func describeCause(c importer.Cause) string {
	if c.Repeatable() {
		return string(c) + "\tsending again may help"
	}
	return string(c) + "\tthe ids have to be corrected"
}
