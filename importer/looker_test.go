package importer_test

import (
	"context"
	"fmt"
	"time"

	"relink/importer"
)

// lag is how long a write may take to show in the fake service's reads.
const lag = 4 * time.Second

// A looker is a sender that can be asked as well, and tells the truth with a lag.
type looker struct {
	sender
	*reads
}

// reads are what was asked, and what goes wrong with it.
type reads struct {
	react func(n int, item importer.Item) reaction // nth read, from 1

	poisoned map[importer.Relation]bool
	least    int // calls of a row before a read
	n        int
	breaches []string
}

func (l looker) Look(ctx context.Context, item importer.Item) (importer.Reply, bool, error) {
	l.mu.Lock()
	l.n++
	var r reaction
	if l.reads.react != nil {
		r = l.reads.react(l.n, item)
	}
	since := time.Since(l.touched[item.Relation])
	found := l.written[item.Relation] && since >= lag
	if since < 5*time.Second || l.sends[item.Relation] < l.least || l.flying > 0 || l.cleared.After(l.touched[item.Relation]) {
		l.breaches = append(l.breaches, fmt.Sprintf("read %d: %d sends, %v after the last", l.n, l.sends[item.Relation], since))
	}
	for r := range l.poisoned {
		if l.sends[r] == 0 {
			l.breaches = append(l.breaches, fmt.Sprintf("read %d while %v was never sent", l.n, r))
		}
	}
	l.mu.Unlock()
	if !pass(ctx, l.latency) {
		return importer.Reply{}, false, l.doubtful(ctx.Err())
	}
	if r.err != nil {
		return importer.Reply{Message: "as read", Cause: r.cause}, false, r.err
	}
	return importer.Reply{Status: 200, RelationID: "found"}, found, nil
}
