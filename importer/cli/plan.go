package cli

import (
	"context"
	"fmt"
	"time"

	"relink/checkpoint"
	"relink/importer"
	"relink/importer/report"
)

// mostRejected is how many rejected lines the plan shows.
const mostRejected = 5

// plan is what is going to happen, told before the first call.
func (r *run) plan(imports []checkpoint.Import, shares []checkpoint.Share, all []*lane) (report.Plan, error) {
	p := report.Plan{Files: files(imports, shares)}
	outlook, err := r.s.outlook(r.soft, r.ledger.Store)
	if err != nil {
		return p, err
	}
	for _, l := range all {
		p.Locations = append(p.Locations, outlook.forecast(l.location, l.left, time.Now()))
	}
	for _, imported := range imports {
		if imported.Rejected == 0 || len(p.Rejected) == mostRejected {
			continue
		}
		refusals, err := r.ledger.Refusals(r.soft, imported.ID, mostRejected-len(p.Rejected))
		if err != nil {
			return p, err
		}
		for _, line := range refusals {
			p.Rejected = append(p.Rejected, report.Rejected{File: imported.Name, Line: int(line.Line), Message: line.Reason})
		}
	}
	return p, nil
}

func files(imports []checkpoint.Import, shares []checkpoint.Share) []report.File {
	out := make([]report.File, len(imports))
	for i, imported := range imports {
		out[i] = report.File{Import: imported.ID, Name: imported.Name, SHA256: imported.SHA256, Books: imported.Books(shares)}
	}
	return out
}

// finish records how the run ended and says so. record is nil when nothing had
// to be sent.
func (r *run) finish(imports []checkpoint.Import, all []*lane, record *checkpoint.Run) error {
	ctx, cancel := context.WithTimeout(r.hard, 30*time.Second)
	defer cancel()
	s := report.Summary{
		Command: r.command, Target: r.link.target, To: toTarget(r.link.target), Requests: counts(all), Took: time.Since(r.began),
	}
	shares, unread := r.ledger.Shares(ctx, idsOf(imports))
	if unread == nil {
		s.Files = files(imports, shares)
	}
	aside := r.aside
	left := map[string]int64{}
	for _, share := range shares {
		if share.State == importer.Pending || share.State == importer.Sending {
			left[share.Location] += share.Pairs
		}
	}
	for _, l := range all {
		location := report.Location{
			Location: l.location, Stopped: l.end.Stop, Message: message(l.end), Counts: l.tally.Counts(), Pending: left[l.location],
		}
		if l.pacer != nil {
			location.Held = l.pacer.Stats().Held
			s.Held += location.Held
		}
		s.Locations = append(s.Locations, location)
		if l.end.Stop == importer.StopAlike {
			aside += location.Pending // to run it again as it is would not help
		}
		if code := l.end.Stop.Exit(); importer.WorseExit(s.Exit, code) != s.Exit {
			s.Exit, s.Stopped = code, l.end.Stop
		}
	}
	if unread != nil && s.Exit == 0 {
		return unread
	}
	var books importer.Books
	for _, file := range s.Files {
		books = books.Add(file.Books)
	}
	if books.Left() > aside {
		s.Exit = importer.WorseExit(s.Exit, 4)
	}
	if books.Failed+books.Rejected+books.Undone > 0 {
		s.Exit = importer.WorseExit(s.Exit, 3)
	}
	s.Message = r.why(s.Stopped, all)
	if record != nil {
		s.Run = record.ID
		// A ledger that ended the run may take no more: the person is told
		// all the same how it ended.
		if err := record.End(ctx, s.Requests, s.Stopped, s.Exit); err != nil && s.Exit == 0 {
			return err
		} else if err != nil {
			r.screen.Log().Warn("recording how the run ended", "error", err)
		}
	}
	return r.tell(s)
}

// why says more on why the run stopped: of several locations only how many did,
// since each has its own words in the summary.
func (r *run) why(stopped importer.Stop, all []*lane) string {
	ended := len(all) - len(stoppedFor(all, importer.StopNone))
	switch {
	case stopped == importer.StopWindow:
		return r.s.hours.closed(time.Now())
	case len(all) == 1:
		return message(all[0].end)
	case ended > 0:
		return fmt.Sprintf("%d of %s did not finish", ended, report.Count(int64(len(all)), "location", "locations"))
	}
	return ""
}

// tell prints the summary, the answer of the command: in words or as JSON.
func (r *run) tell(s report.Summary) error {
	r.exit = s.Exit
	text := []byte(s.Text(report.Width(r.stdout)))
	if r.s.output.json {
		var err error
		if text, err = s.JSON(); err != nil {
			return fmt.Errorf("writing the summary: %w", err)
		}
	}
	if _, err := r.stdout.Write(text); err != nil {
		return fmt.Errorf("writing the summary: %w", err)
	}
	return nil
}
