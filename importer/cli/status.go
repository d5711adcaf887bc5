package cli

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"relink/checkpoint"
	"relink/importer"
	"relink/importer/report"
)

// mostRuns is how many runs status lists.
const mostRuns = 20

// standing are the flags of relink status.
type standing struct {
	place    place
	only     []int64
	json     bool
	watch    bool
	interval time.Duration
}

func (p *program) statusCommand() *cobra.Command {
	var s standing
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Imports, runs, what is left, and what is running now",
		Long: `status shows what the ledger holds, of every target: imports with their books,
those that are not finished first, and the latest runs with how they ended and
what to run next. It may be called while a run is going: it then tells the pace
of the last minutes and when the run will be done.`,
		Example: `  relink status
  relink status --import 3
  relink status --watch
  relink status --json | jq '.imports[] | select(.share_done < 1)'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if s.watch && (s.json || !report.IsTerminal(p.stdout)) {
				return usage(errors.New("--watch draws over and over, so it needs a terminal"), "leave it out, or: relink status --json")
			}
			l, err := p.desk(cmd, &s.place)
			if err != nil {
				return err
			}
			defer l.close()
			return p.status(cmd, &s, l)
		},
	}
	flags := cmd.Flags()
	s.place.flags(flags)
	flags.Int64SliceVar(&s.only, "import", nil, "only these imports, by their numbers, with all that can be done next")
	flags.BoolVar(&s.json, "json", false, "as one JSON object")
	flags.BoolVar(&s.watch, "watch", false, "draw again and again, until interrupted (on a terminal)")
	flags.DurationVar(&s.interval, "interval", 2*time.Second, "between two drawings of --watch")
	p.completeImports(cmd)
	flags.SortFlags = false
	return cmd
}

func (p *program) status(cmd *cobra.Command, s *standing, l *ledger) error {
	for {
		status, err := p.standing(cmd, s, l)
		if err != nil {
			return err
		}
		text := []byte(status.Text(report.Width(p.stdout)))
		if s.json {
			if text, err = status.JSON(); err != nil {
				return fmt.Errorf("writing the status: %w", err)
			}
		}
		if s.watch {
			text = append([]byte("\x1b[H\x1b[J"), text...)
		}
		if _, err := p.stdout.Write(text); err != nil {
			return fmt.Errorf("writing the status: %w", err)
		}
		if !s.watch {
			return nil
		}
		select {
		case <-time.After(max(s.interval, 100*time.Millisecond)):
		case <-p.soft.Done():
			return nil
		}
	}
}

// standing asks the ledger how things stand.
func (p *program) standing(cmd *cobra.Command, s *standing, l *ledger) (report.Status, error) {
	status := report.Status{At: time.Now(), Full: len(s.only) > 0}
	imports, err := among(p.soft, l.Store, s.only)
	if err != nil {
		return status, err
	}
	shares, err := l.Shares(p.soft, idsOf(imports))
	if err != nil {
		return status, err
	}
	books := map[int64]importer.Books{}
	for i, file := range files(imports, shares) {
		books[file.Import] = file.Books
		status.Imports = append(status.Imports, report.ImportStatus{File: file, Target: imports[i].Target, LoadedAt: imports[i].LoadedAt})
	}
	slices.SortStableFunc(status.Imports, func(a, b report.ImportStatus) int {
		switch done, other := a.Books.Left() == 0, b.Books.Left() == 0; {
		case done && !other:
			return 1
		case other && !done:
			return -1
		}
		return 0
	})
	var runs []checkpoint.Record
	for _, id := range append(slices.Clone(s.only), 0) {
		if id == 0 && len(s.only) > 0 {
			break
		}
		of, err := l.Runs(p.soft, id, 0, mostRuns)
		if err != nil {
			return status, err
		}
		runs = append(runs, of...)
	}
	slices.SortStableFunc(runs, func(a, b checkpoint.Record) int { return int(b.ID - a.ID) })
	runs = slices.CompactFunc(runs, func(a, b checkpoint.Record) bool { return a.ID == b.ID })
	suffix := s.place.given(cmd)
	for _, r := range runs {
		status.Runs = append(status.Runs, runStatus(r, books, suffix))
	}
	return status, nil
}

// runStatus is one run, with what can be done after it.
func runStatus(r checkpoint.Record, books map[int64]importer.Books, suffix string) report.RunStatus {
	out := report.RunStatus{
		Run: r.ID, Command: r.Command, Target: r.Target, Imports: r.Imports, Host: r.Host, PID: r.PID,
		StartedAt: r.StartedAt, SeenAt: r.SeenAt, Running: r.Running, Stopped: importer.Stop(r.Stopped),
		Counts: r.Counts(), Pace: r.Pace,
	}
	if r.EndedAt != nil {
		out.EndedAt = *r.EndedAt
	}
	if r.Exit != nil {
		out.Exit = *r.Exit
	}
	var sum importer.Books
	for _, id := range r.Imports {
		sum = sum.Add(books[id])
	}
	out.Left = sum.Left()
	if r.Running {
		return out
	}
	only := ""
	if len(r.Imports) == 1 {
		only = fmt.Sprintf(" --import %d", r.Imports[0])
	}
	to := toTarget(r.Target)
	if sum.Left() > 0 {
		out.Next = append(out.Next, "relink resume"+only+to+suffix)
	}
	if sum.Failed+sum.Rejected > 0 {
		out.Next = append(out.Next, "relink failures"+only+suffix)
	}
	if sum.Failed > 0 {
		out.Next = append(out.Next, "relink retry"+only+to+suffix)
	}
	out.Next = append(out.Next, fmt.Sprintf("relink report --run %d -o run-%d.html%s", r.ID, r.ID, suffix))
	if r.Created > 0 {
		out.Next = append(out.Next, fmt.Sprintf("relink undo --run %d --dry-run%s%s", r.ID, to, suffix))
	}
	return out
}
