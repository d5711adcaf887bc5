package report

import "relink/importer"

// A step is something to do next: what to type, and what for.
type step struct{ do, why string }

func hasRejected(b importer.Books) bool { return b.Rejected > 0 }
func hasFailed(b importer.Books) bool   { return b.Failed > 0 }
func hasBad(b importer.Books) bool      { return b.Failed+b.Rejected > 0 }

// next is what to do after this run, the first thing first.
func (s Summary) next() []step {
	steps := s.goOn()
	if do := command("failures", s.Files, hasBad); do != "" {
		steps = append(steps, step{do, "to see the reasons"})
	}
	// A retry that had nothing to send has left out what it would leave out again.
	idle := s.Command == "retry" && s.Run == 0
	if do := command("retry", s.Files, hasFailed); do != "" && !idle {
		steps = append(steps, step{do + s.To, "to send failed rows again"})
	}
	return steps
}

// goOn is how to get the rest done. The exit code cannot tell it alone: of
// several reasons it names the worst, and each location has its own.
func (s Summary) goOn() []step {
	const again = "run the same command again"
	stopped := map[importer.Stop]bool{s.Stopped: true}
	for _, l := range s.Locations {
		stopped[l.Stopped] = true
	}
	switch {
	case stopped[importer.StopBusy]:
		return []step{{"add --wait 1h to the command", "to wait for the other run"}}
	case stopped[importer.StopBroken]:
		return []step{{again, "when the error is mended"}}
	}
	var steps []step
	if stopped[importer.StopCredentials] {
		steps = append(steps, step{"set RELINK_TOKEN or --tokens", "to tokens that are valid"})
	}
	if stopped[importer.StopAlike] {
		steps = append(steps, step{"check columns, association", "are they the right ones?"})
	}
	switch {
	case sum(s.Files).Left() == 0:
		return steps
	case len(steps) > 0:
		return append(steps, step{again, "then, to go on"})
	case stopped[importer.StopDailyQuota]:
		return []step{{again, "when the quota is full again"}}
	case stopped[importer.StopOutage]:
		return []step{{again, "when the service is back"}}
	case stopped[importer.StopDatabase]:
		return []step{{again, "when the database is back"}}
	}
	return []step{{again, "to go on"}}
}
