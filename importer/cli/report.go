package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"relink/checkpoint"
	"relink/importer"
	"relink/importer/pace"
	"relink/importer/report"
)

// examples is how many failed pairs of a cause a page shows.
const examples = 5

func (p *program) reportCommand() *cobra.Command {
	var at place
	var run, imported int64
	var out string
	cmd := &cobra.Command{
		Use:   "report (--run N | --import N) -o FILE",
		Short: "One run, or all runs of an import, as an HTML page",
		Long: `report writes one page that stands by itself, to be mailed or put into a ticket:
what was asked, the books, requests over time against what was allowed, answers
by status, waits, failures by cause with examples and the next command. Nothing
in it is fetched, and no secret is in it; the ids of the examples are. It calls
nothing and needs no token. -o - writes to standard output.`,
		Example: `  relink report --run 12 -o run.html
  relink report --import 3 -o import.html`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if (run > 0) == (imported > 0) {
				return usage(errors.New("give either --run or --import"), "relink status lists them")
			}
			if out == "" {
				return usage(errors.New("-o is missing"), "name the file to write: -o run.html")
			}
			ledger, err := p.desk(cmd, &at)
			if err != nil {
				return err
			}
			defer ledger.close()
			page, err := p.page(ledger, run, imported)
			if err != nil {
				return err
			}
			return p.write(page, out)
		},
	}
	cmd.Flags().Int64Var(&run, "run", 0, "this run")
	cmd.Flags().Int64Var(&imported, "import", 0, "every run that worked on this import")
	cmd.Flags().StringVarP(&out, "output", "o", "", "file to write; - is standard output")
	at.flags(cmd.Flags())
	cmd.Flags().SortFlags = false
	return cmd
}

// page gathers what there is to tell of a run, or of an import.
func (p *program) page(ledger *ledger, run, imported int64) (*report.Page, error) {
	runs, imports, title, err := p.reported(ledger, run, imported)
	if err != nil {
		return nil, err
	}
	page := &report.Page{Title: title, Made: time.Now(), Version: Version()}
	var ids []int64
	for _, r := range runs {
		ids = append(ids, r.ID)
		page.Target = r.Target
		page.Runs = append(page.Runs, report.PageRun{
			ID: r.ID, Command: r.Command, Host: r.Host, Started: r.StartedAt, Seen: r.SeenAt, Ended: r.EndedAt != nil,
			Stopped: r.Stopped, Exit: r.Exit, Counts: r.Counts, Settings: r.Settings,
		})
	}
	if len(imports) > 0 {
		if page.Target == "" {
			page.Target = imports[0].Target
		}
		shares, err := ledger.Shares(p.soft, idsOf(imports))
		if err != nil {
			return nil, err
		}
		page.Files = files(imports, shares)
	}
	if err := p.happened(ledger, page, runs, ids); err != nil {
		return nil, err
	}
	if err := p.failed(ledger, page, imports, ids); err != nil {
		return nil, err
	}
	page.Next = nextOf(page, runs)
	return page, nil
}

// reported are the runs and imports that a page is about.
func (p *program) reported(ledger *ledger, run, imported int64) (runs []checkpoint.Past, imports []checkpoint.Import, title string, err error) {
	if run > 0 {
		past, err := ledger.Past(p.soft, run)
		if err != nil {
			return nil, nil, "", err
		}
		if past == nil {
			return nil, nil, "", usage(fmt.Errorf("there is no run %d", run), "relink status lists the runs")
		}
		if len(past.Imports) > 0 { // no ids would mean all of them
			imports, err = ledger.Imports(p.soft, past.Imports...)
		}
		return []checkpoint.Past{*past}, imports, fmt.Sprintf("run %d, %s", run, past.Command), err
	}
	if imports, err = ledger.Imports(p.soft, imported); err != nil {
		return nil, nil, "", err
	}
	if len(imports) == 0 {
		return nil, nil, "", usage(fmt.Errorf("there is no import %d", imported), "relink status lists the imports")
	}
	runs, err = ledger.Pasts(p.soft, imported)
	return runs, imports, fmt.Sprintf("import %d, %s", imported, filepath.Base(imports[0].Name)), err
}

// happened fills in what the runs did, minute by minute, and the answers.
func (p *program) happened(ledger *ledger, page *report.Page, runs []checkpoint.Past, ids []int64) error {
	minutes, err := ledger.Minutes(p.soft, ids)
	if err != nil {
		return err
	}
	for _, m := range minutes {
		page.Minutes = append(page.Minutes, report.PageMinute{
			At: m.At, Lanes: m.Lanes, Allowed: allowed(runs, m),
			Counts: importer.Counts{
				Sent: m.Sent, Throttled: m.Throttled, Unclear: m.Unclear,
				Created: m.Created, Existing: m.Existing, Failed: m.Failed, Undone: m.Undone,
			},
		})
	}
	verdicts, err := ledger.Verdicts(p.soft, ids)
	if err != nil {
		return err
	}
	for _, v := range verdicts {
		page.Verdicts = append(page.Verdicts, report.PageVerdict{Status: v.Status, State: v.State, Pairs: v.Pairs})
	}
	return nil
}

// allowed is how many calls the runs of a minute might have made in it by their
// --rate: in every location that was worked on, for as long as a run went on.
func allowed(runs []checkpoint.Past, m checkpoint.Minute) float64 {
	calls := 0.0
	for _, r := range runs {
		from, to := r.StartedAt, r.SeenAt
		if from.Before(m.At) {
			from = m.At
		}
		if end := m.At.Add(time.Minute); to.After(end) {
			to = end
		}
		text, _ := r.Settings["rate"].(string)
		if rate, err := pace.ParseRate(text); err == nil && to.After(from) {
			calls += rate.PerSecond() * to.Sub(from).Seconds()
		}
	}
	return calls * float64(m.Lanes)
}

// failed fills in what failed and what was rejected.
func (p *program) failed(ledger *ledger, page *report.Page, imports []checkpoint.Import, ids []int64) error {
	failings, err := ledger.Failings(p.soft, ids, examples)
	if err != nil {
		return err
	}
	for _, f := range failings {
		failing := report.PageFailing{Cause: f.Cause, Pairs: f.Pairs}
		for _, e := range f.Examples {
			failing.Examples = append(failing.Examples, report.PageFailed{Pair: e.Relation.String(), Message: e.Message, TraceID: e.TraceID})
		}
		if len(imports) == 1 && f.Cause.Repeatable() {
			failing.Next = fmt.Sprintf("relink retry --import %d --cause %s%s", imports[0].ID, f.Cause, toTarget(page.Target))
		} else if len(imports) == 1 {
			failing.Next = fmt.Sprintf("relink failures --import %d --csv failed.csv", imports[0].ID)
		}
		page.Failings = append(page.Failings, failing)
	}
	for _, imported := range imports {
		refusals, err := ledger.Refusals(p.soft, imported.ID, examples)
		if err != nil {
			return err
		}
		for _, line := range refusals {
			page.Rejected = append(page.Rejected, report.Rejected{File: imported.Name, Line: int(line.Line), Message: line.Reason})
		}
	}
	return nil
}

// nextOf is what can be done next, the most urgent first.
func nextOf(page *report.Page, runs []checkpoint.Past) (next []report.PageNext) {
	to, books := toTarget(page.Target), page.Books()
	add := func(do, why string) { next = append(next, report.PageNext{Do: do, Why: why}) }
	if books.Left() > 0 {
		add("relink resume"+to, "sends what is left")
	}
	if books.Failed+books.Rejected > 0 && len(page.Files) == 1 {
		add(fmt.Sprintf("relink failures --import %d", page.Files[0].Import), "lists every pair that could not be made, with its reason")
	}
	if books.Created+books.Existing > 0 {
		add("relink verify"+to, "asks the service whether the pairs are there")
	}
	made := slices.ContainsFunc(runs, func(r checkpoint.Past) bool { return r.Counts.Created > 0 })
	if len(runs) == 1 && made && books.Created > 0 {
		add(fmt.Sprintf("relink undo --run %d --dry-run%s", runs[0].ID, to), "says what would be deleted, to take this run back")
	}
	return next
}

// write writes the page beside its name and moves it there when it is whole.
func (p *program) write(page *report.Page, name string) error {
	if name == "-" {
		return page.Write(p.stdout)
	}
	file, err := os.CreateTemp(filepath.Dir(name), ".relink-*")
	if err != nil {
		return usage(fmt.Errorf("writing %s: %w", name, err), "name a file in a folder that is there")
	}
	defer os.Remove(file.Name()) // once it is moved there is nothing to remove
	err = errors.Join(page.Write(file), file.Chmod(0o644), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	_, err = fmt.Fprintf(p.stdout, "%s is written\n", name)
	return err
}
