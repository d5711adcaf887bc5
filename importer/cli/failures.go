package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"relink/checkpoint"
	"relink/importer"
	"relink/importer/report"
	"relink/importer/source"
)

// wrong are the flags of relink failures.
type wrong struct {
	place place
	only  []int64
	cause string
	list  bool
	csv   string
	json  bool
}

func (p *program) failuresCommand() *cobra.Command {
	var w wrong
	cmd := &cobra.Command{
		Use:   "failures",
		Short: "Failed and rejected rows by reason, each with the command to run next",
		Long: `failures groups the rows that failed or were rejected by cause and by the words
of the service, says whether sending them again can help, and what to run next.

--csv writes them out: the columns of the original file, then relink_line,
relink_state, relink_status, relink_cause, relink_message and relink_trace_id.
Correct that file and import it: it names exactly those rows. The extra columns
are ignored.`,
		Example: `  relink failures --import 3
  relink failures --import 3 --csv fix.csv
  relink failures --import 3 --cause not_found --list`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if w.list && (w.json || w.csv != "") || w.json && w.csv != "" {
				return usage(errors.New("--list, --json and --csv exclude each other"), "give one of them")
			}
			l, err := p.desk(cmd, &w.place)
			if err != nil {
				return err
			}
			defer l.close()
			imports, err := among(p.soft, l.Store, w.only)
			if err != nil {
				return err
			}
			switch {
			case w.csv != "":
				return p.writeFailures(&w, l, imports, w.place.given(cmd))
			case w.list:
				return p.listFailures(&w, l, imports)
			}
			return p.groupFailures(&w, l, imports, w.place.given(cmd))
		},
	}
	flags := cmd.Flags()
	w.place.flags(flags)
	flags.Int64SliceVar(&w.only, "import", nil, "only rows of these imports, by their numbers")
	flags.StringVar(&w.cause, "cause", "", "only rows with this cause")
	flags.BoolVar(&w.list, "list", false, "one line a row")
	flags.StringVar(&w.csv, "csv", "", "write the rows to this CSV file; -: to standard output")
	flags.BoolVar(&w.json, "json", false, "the groups as one JSON object")
	p.completeImports(cmd)
	p.completeCauses(cmd)
	flags.SortFlags = false
	return cmd
}

// groupFailures answers with the groups.
func (p *program) groupFailures(w *wrong, l *ledger, imports []checkpoint.Import, suffix string) error {
	found, err := l.FailureGroups(p.soft, idsOf(imports))
	if err != nil {
		return err
	}
	byID := map[int64]checkpoint.Import{}
	for _, imported := range imports {
		byID[imported.ID] = imported
	}
	out := report.Failures{Imports: idsOf(imports)}
	for _, g := range found {
		e := &g.Example
		if w.cause != "" && string(e.Cause) != w.cause {
			continue
		}
		of := byID[e.Import]
		group := report.FailureGroup{
			State: state(e), Cause: string(e.Cause), Status: e.Status, Words: g.Words, Rows: g.Rows,
			Retry: !e.Rejected && e.Cause.Repeatable(),
			Example: report.FailureExample{
				Import: of.ID, File: of.Name, Line: e.Line, Message: e.Message, TraceID: e.TraceID,
			},
		}
		if !e.Rejected {
			group.Example.Pair = e.Relation.String()
		}
		group.Next = fmt.Sprintf("relink failures --import %d --csv fix.csv%s", of.ID, suffix)
		if group.Retry {
			group.Next = fmt.Sprintf("relink retry --import %d --cause %s%s%s", of.ID, e.Cause, toTarget(of.Target), suffix)
			if len(imports) > 1 {
				group.Next = fmt.Sprintf("relink retry --cause %s%s%s", e.Cause, toTarget(of.Target), suffix)
			}
		}
		out.Groups = append(out.Groups, group)
	}
	text := []byte(out.Text(report.Width(p.stdout)))
	if w.json {
		if text, err = out.JSON(); err != nil {
			return fmt.Errorf("writing the failures: %w", err)
		}
	}
	if _, err := p.stdout.Write(text); err != nil {
		return fmt.Errorf("writing the failures: %w", err)
	}
	return nil
}

func state(f *checkpoint.Failure) string {
	if f.Rejected {
		return "rejected"
	}
	return string(importer.Failed)
}

// listFailures writes one line a row, which editors can jump to.
func (p *program) listFailures(w *wrong, l *ledger, imports []checkpoint.Import) error {
	names := map[int64]string{}
	for _, imported := range imports {
		names[imported.ID] = report.Clean(imported.Name)
	}
	return l.Failures(p.soft, idsOf(imports), importer.Cause(w.cause), func(f *checkpoint.Failure) error {
		text := fmt.Sprintf("%s:%d: %s: %s: ", names[f.Import], f.Line, state(f), f.Cause)
		if !f.Rejected {
			text += f.Relation.String() + ": "
		}
		_, err := fmt.Fprintln(p.stdout, text+report.Clean(f.Message))
		return err
	})
}

// importAgain is the command that imports a file of failed rows.
func importAgain(name string, of checkpoint.Import, suffix string) string {
	words := []string{"relink import", shellWord(name)}
	for _, flag := range source.Again(of.Reading) {
		words = append(words, shellWord(flag))
	}
	return strings.Join(words, " ") + toTarget(of.Target) + suffix
}
