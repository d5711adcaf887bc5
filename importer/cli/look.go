package cli

import (
	"time"

	"relink/checkpoint"
	"relink/importer"
)

// between are the waits before the second and the third round: what the lists
// do not show is given this long to appear in them.
var between = [rounds - 1]time.Duration{2 * time.Second, 6 * time.Second}

// look asks the service for the errand's pairs, in rounds: all of them, then
// those that the lists did not show, and returns when each has an answer or
// every lane has stopped. nameless: only for the ids of created relations.
func (r *run) look(record *checkpoint.Run, errand *checkpoint.Errand, all []*lane, nameless bool) error {
	listers := map[*lane]*lister{}
	for round := 1; round <= rounds; {
		left, err := r.unanswered(errand, all, round, nameless)
		if err != nil || r.soft.Err() != nil {
			return err
		}
		if len(left) == 0 {
			if round++; round <= rounds {
				if again, err := r.unanswered(errand, all, round, nameless); err != nil || len(again) == 0 {
					return err
				}
				r.pause(between[round-2])
			}
			continue
		}
		before := counts(left).Sent
		r.drain(record, left, func(l *lane) (*importer.Lane, error) {
			if listers[l] == nil {
				client, err := r.link.client(l.location)
				if err != nil {
					return nil, err
				}
				listers[l] = newLister(client, errand, l.location, checkpoint.Sought{Lane: l.id, Nameless: nameless})
			}
			listers[l].start(round)
			return &importer.Lane{Ledger: listers[l], Sender: listers[l], Success: importer.Existing}, nil
		})
		if counts(left).Sent == before {
			return nil // a pass without a call: the next would be the same
		}
	}
	return nil
}

// unanswered are the lanes that have not stopped and have records to be asked
// for in that round.
func (r *run) unanswered(errand *checkpoint.Errand, all []*lane, round int, nameless bool) ([]*lane, error) {
	counts, err := errand.Left(r.hard, round, nameless)
	if err != nil {
		return nil, err
	}
	var left []*lane
	for _, l := range all {
		if n := counts[l.id]; n > 0 && l.end.Stop == importer.StopNone {
			l.left = l.tally.Counts().Done() + n // the bar counts from the first pass on
			left = append(left, l)
		}
	}
	return left, nil
}

// pause waits, unless the run is to stop.
func (r *run) pause(d time.Duration) {
	r.screen.Log().Debug("lists lag behind writes: waiting before the next look", "for", d)
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.soft.Done():
	}
}
