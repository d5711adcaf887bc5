package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"relink/checkpoint"
	"relink/importer"
)

// failCauses are the causes of failed rows, as --cause takes them.
var failCauses = []importer.Cause{
	importer.CauseInvalidRecord, importer.CauseBadRequest, importer.CauseNotFound,
	importer.CauseUnprocessable, importer.CauseRefusedRow, importer.CauseUnclear,
}

// again are the flags of relink retry.
type again struct {
	imports []int64
	lines   []int64
	causes  []string
	all     bool
}

func (p *program) retryCommand() *cobra.Command {
	var s sending
	var a again
	cmd := &cobra.Command{
		Use:   "retry",
		Short: "Send failed rows again",
		Long: `retry takes failed rows out of the ledger and sends them again. Rows whose cause
cannot pass by repeating (invalid_record: the ids themselves are wrong) are left
out, unless --cause names their cause or --all takes everything. Whatever ends
it, the same command carries on.

relink failures says which causes there are and where a retry can help.`,
		Example: `  relink retry
  relink retry --import 3 --cause not_found
  relink retry --import 3 --line 17,2041`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.parse(cmd); err != nil {
				return err
			}
			sel, err := a.selection()
			if err != nil {
				return err
			}
			run, err := p.begin(&s, "retry")
			if err != nil {
				return err
			}
			defer run.close()
			return run.retry(sel)
		},
	}
	flags := cmd.Flags()
	flags.Int64SliceVar(&a.imports, "import", nil, "only rows of these imports, by their numbers")
	flags.StringSliceVar(&a.causes, "cause", nil, "only rows that failed for these causes")
	flags.Int64SliceVar(&a.lines, "line", nil, "only the rows in these lines (with one --import)")
	flags.BoolVar(&a.all, "all", false, "rows that cannot pass by repeating as well")
	p.completeImports(cmd)
	p.completeCauses(cmd)
	s.flags(flags)
	flags.SortFlags = false
	return cmd
}

// selection checks the flags.
func (a *again) selection() (checkpoint.Selection, error) {
	sel := checkpoint.Selection{Imports: a.imports, Lines: a.lines}
	if len(a.lines) > 0 && len(a.imports) != 1 {
		return sel, usage(errors.New("--line counts the lines of one file"), "name it with --import N; relink status lists the imports")
	}
	for _, name := range a.causes {
		cause := importer.Cause(name)
		if !slices.Contains(failCauses, cause) {
			return sel, usage(fmt.Errorf("--cause %q is not known", name), fmt.Sprintf("give some of %s", listed(failCauses)))
		}
		sel.Causes = append(sel.Causes, cause)
	}
	if !a.all && len(sel.Causes) == 0 {
		for _, cause := range failCauses {
			if !cause.Repeatable() {
				sel.Without = append(sel.Without, cause)
			}
		}
	}
	return sel, nil
}

func listed(causes []importer.Cause) (text string) {
	for i, cause := range causes {
		if i > 0 {
			text += ", "
		}
		text += string(cause)
	}
	return text
}

// retry sets the selected rows aside for this run, sends them, and reports.
func (r *run) retry(sel checkpoint.Selection) error {
	imports, err := among(r.soft, r.ledger.Store, sel.Imports)
	if err != nil {
		return err
	}
	sel.Imports = idsOf(imports)
	chosen, err := r.ledger.Failed(r.soft, sel)
	if err != nil {
		return err
	}
	if err := r.tellLeftOut(sel, chosen); err != nil {
		return err
	}
	shares, err := r.ledger.Shares(r.soft, sel.Imports)
	if err != nil {
		return err
	}
	all := lanes(chosen)
	plan, err := r.plan(imports, shares, all)
	if err != nil {
		return err
	}
	r.screen.Plan(plan)
	// What the imports have left besides is not this run's to send.
	r.aside = leftOf(shares)
	if len(all) == 0 {
		return r.finish(imports, nil, nil)
	}
	record, err := r.ledger.Start(r.soft, r.command, sel.Imports, r.s.settings())
	if err != nil {
		return err
	}
	if err := r.ledger.MarkFailed(r.soft, record.ID, sel); err != nil {
		return err
	}
	marked, err := r.ledger.Marked(r.soft, record.ID, sel.Imports)
	if err != nil {
		return err
	}
	if shares, err = r.ledger.Shares(r.soft, sel.Imports); err != nil {
		return err
	}
	r.aside = leftOf(shares) - pairsOf(marked)
	all = lanes(marked)
	scope := checkpoint.Scope{Operation: checkpoint.Create, Run: record.ID, Marked: true}
	r.drain(record, all, r.creating(scope))
	return r.finish(imports, all, record)
}

// tellLeftOut says how many failed rows are not sent because that cannot help.
func (r *run) tellLeftOut(sel checkpoint.Selection, chosen []checkpoint.Share) error {
	if len(sel.Without) == 0 {
		return nil
	}
	sel.Without = nil
	whole, err := r.ledger.Failed(r.soft, sel)
	if err != nil {
		return err
	}
	if n := pairsOf(whole) - pairsOf(chosen); n > 0 {
		r.screen.Log().Info("rows that cannot pass by sending them again are left out; --all sends them too", "rows", n, "reasons", "relink failures")
	}
	return nil
}

// leftOf counts the pairs that are still to be sent.
func leftOf(shares []checkpoint.Share) (n int64) {
	for _, share := range shares {
		if share.State == importer.Pending || share.State == importer.Sending {
			n += share.Pairs
		}
	}
	return n
}

func pairsOf(shares []checkpoint.Share) (n int64) {
	for _, share := range shares {
		n += share.Pairs
	}
	return n
}
