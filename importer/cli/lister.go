package cli

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"relink/checkpoint"
	"relink/importer"
	"relink/importer/leadconnector"
)

// rounds is how often a pair that the lists do not show is looked for before it
// counts as missing: lists lag behind writes.
const rounds = 3

// pageSize is the service's largest page of relations.
const pageSize = 100

// A lister asks the service which pairs of one location are there. To the
// engine it is both the ledger and the sender: an item is a record of which one
// page is to be read, and whatever comes of it is written into the errand. It
// holds no lock, since it sends nothing that a second call could double.
type lister struct {
	*leadconnector.Client
	errand *checkpoint.Errand
	sought checkpoint.Sought
	place  string // the location's id

	after int64 // key of the last record that was claimed
	again []*asking

	mu     sync.Mutex
	asking map[int64]*asking // claimed and not through, by their first pair's id
}

// An asking is a record whose pages are being read.
type asking struct {
	checkpoint.Anchor
	seen map[leadconnector.Link]*string // what is looked for, without its ID → that id, once it is seen
	skip int
	done bool // all is seen, or the last page is read
}

var (
	_ importer.Ledger = (*lister)(nil)
	_ importer.Sender = (*lister)(nil)
)

func newLister(client *leadconnector.Client, errand *checkpoint.Errand, location string, sought checkpoint.Sought) *lister {
	return &lister{Client: client, errand: errand, sought: sought, place: location, asking: map[int64]*asking{}}
}

// start reads the errand from its beginning again, in that round. What has
// pages left comes first.
func (l *lister) start(round int) {
	l.after, l.sought.Round = 0, round
}

// Claim returns records to be asked for: those with pages left, then new ones.
func (l *lister) Claim(ctx context.Context, n int) ([]importer.Item, error) {
	var items []importer.Item
	for _, a := range l.again {
		items = append(items, l.item(a))
	}
	if len(items) > 0 {
		l.again = nil
		return items, nil
	}
	for len(items) == 0 {
		anchors, last, err := l.errand.Anchors(ctx, l.sought, l.after, n)
		if err != nil {
			return nil, err
		}
		if last == l.after {
			return nil, nil
		}
		l.mu.Lock()
		for _, anchor := range anchors {
			if l.asking[anchor.Pairs[0].ID] != nil {
				continue
			}
			a := &asking{Anchor: anchor, seen: make(map[leadconnector.Link]*string, len(anchor.Pairs))}
			for _, p := range anchor.Pairs {
				a.seen[a.link(p)] = nil
			}
			l.asking[anchor.Pairs[0].ID] = a
			items = append(items, l.item(a))
		}
		l.mu.Unlock()
		l.after = last
	}
	return items, nil
}

func (l *lister) item(a *asking) importer.Item {
	return importer.Item{
		ID:       a.Pairs[0].ID,
		Relation: importer.Relation{Location: l.place, Association: a.Pairs[0].Association, First: a.First, Second: a.Pairs[0].Second},
	}
}

func (a *asking) link(p checkpoint.Pair) leadconnector.Link {
	return leadconnector.Link{Association: p.Association, First: a.First, Second: p.Second}
}

// Send reads the next page of a record.
func (l *lister) Send(ctx context.Context, item importer.Item) (importer.Reply, error) {
	l.mu.Lock()
	a := l.asking[item.ID]
	l.mu.Unlock()
	var associations []string
	for _, p := range a.Pairs {
		if !slices.Contains(associations, p.Association) {
			associations = append(associations, p.Association)
		}
	}
	links, total, reply, err := l.List(ctx, l.place, a.First, associations, a.skip, pageSize)
	if err != nil {
		return reply, err
	}
	left := 0
	for _, link := range links {
		id := link.ID
		link.ID = ""
		if before, wanted := a.seen[link]; wanted && before == nil {
			a.seen[link] = &id
		}
	}
	for _, id := range a.seen {
		if id == nil {
			left++
		}
	}
	a.skip += len(links)
	a.done = left == 0 || len(links) == 0 || a.skip >= total
	return reply, nil
}

// Settle writes down what the pages told; a record with pages left is claimed
// again in place of that.
func (l *lister) Settle(ctx context.Context, outcomes []importer.Outcome) error {
	var findings []checkpoint.Finding
	var through []int64
	var again []*asking
	l.mu.Lock()
	for _, o := range outcomes {
		a := l.asking[o.ID]
		switch {
		case a == nil:
		case o.State != importer.Failed && !a.done:
			again = append(again, a)
		default:
			through = append(through, o.ID)
			for _, p := range a.Pairs {
				f := checkpoint.Finding{ID: p.ID, Answer: checkpoint.Missing}
				if id := a.seen[a.link(p)]; id != nil {
					f.Answer, f.RemoteID = checkpoint.Present, *id
				} else if o.State == importer.Failed {
					f.Answer = checkpoint.Unknown
				}
				findings = append(findings, f)
			}
		}
	}
	l.mu.Unlock()
	if len(findings) > 0 {
		if err := l.errand.Find(ctx, findings, rounds); err != nil {
			return fmt.Errorf("location %s: %w", l.place, err)
		}
	}
	l.mu.Lock()
	for _, id := range through {
		delete(l.asking, id)
	}
	l.mu.Unlock()
	l.again = append(l.again, again...)
	return nil
}

// Release puts records back for the next Claim.
func (l *lister) Release(_ context.Context, items []importer.Item) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, item := range items {
		if a := l.asking[item.ID]; a != nil && !slices.Contains(l.again, a) {
			l.again = append(l.again, a)
		}
	}
	return nil
}

// Keep is Release: a read leaves nothing in doubt.
func (l *lister) Keep(ctx context.Context, items []importer.Item) error { return l.Release(ctx, items) }

// Open, Check and Close have nothing to do: there is no lock.
func (l *lister) Open(context.Context) error  { return nil }
func (l *lister) Check(context.Context) error { return nil }
func (l *lister) Close(context.Context) error { return nil }
