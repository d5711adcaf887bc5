//go:build unix

package chaos

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"
)

// A result is one line of the table: what a scenario did and what came of it.
type result struct {
	scenario        string
	kills           int // SIGKILLs, lost connections, faults: what the scenario is made of
	rows            int
	missing         int
	falseFailures   int
	repeats, excuse int // repeat sends, and how many of them are accounted for
	took            time.Duration
}

var (
	resultsMu sync.Mutex
	results   []result
)

// record adds a scenario to the table; one that is recorded again adds up.
func record(r result) {
	resultsMu.Lock()
	defer resultsMu.Unlock()
	for i := range results {
		if old := &results[i]; old.scenario == r.scenario {
			old.kills += r.kills
			old.rows += r.rows
			old.missing += r.missing
			old.falseFailures += r.falseFailures
			old.repeats += r.repeats
			old.excuse += r.excuse
			old.took += r.took
			return
		}
	}
	results = append(results, r)
}

func printTable(w io.Writer) {
	if len(results) == 0 {
		return
	}
	slices.SortStableFunc(results, func(a, b result) int { return strings.Compare(a.scenario, b.scenario) })
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "scenario\tkills\trows\tmissing\tfalse failures\trepeat sends\tat most\tseconds\t")
	var sum result
	for _, r := range results {
		fmt.Fprintf(tw, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%.1f\t\n",
			r.scenario, r.kills, r.rows, r.missing, r.falseFailures, r.repeats, r.excuse, r.took.Seconds())
		sum.kills += r.kills
		sum.rows += r.rows
		sum.missing += r.missing
		sum.falseFailures += r.falseFailures
		sum.repeats += r.repeats
		sum.excuse += r.excuse
		sum.took += r.took
	}
	fmt.Fprintf(tw, "all\t%d\t%d\t%d\t%d\t%d\t%d\t%.1f\t\n",
		sum.kills, sum.rows, sum.missing, sum.falseFailures, sum.repeats, sum.excuse, sum.took.Seconds())
	tw.Flush()
}
