package importer_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"relink/importer"
)

// A pacer keeps calls apart, and books on the contract of importer.Pacer.
type pacer struct {
	gap    time.Duration
	budget int // calls allowed; 0: no end
	onWait func(n int)

	mu       sync.Mutex
	next     time.Time
	waiting  int
	granted  int
	open     int // granted, and neither answered nor unused
	held     int
	breaches []string
}

func (p *pacer) Wait(ctx context.Context) error {
	p.mu.Lock()
	if p.waiting++; p.waiting > 1 {
		p.breaches = append(p.breaches, "Wait called by two")
	}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.waiting--
		p.mu.Unlock()
	}()
	for {
		p.mu.Lock()
		wait := time.Until(p.next)
		if p.budget > 0 && p.granted >= p.budget {
			p.mu.Unlock()
			return fmt.Errorf("pace: %w", importer.Spent)
		}
		if wait <= 0 {
			p.next = time.Now().Add(p.gap)
			p.granted++
			p.open++
			n := p.granted
			p.mu.Unlock()
			if p.onWait != nil {
				p.onWait(n)
			}
			return nil
		}
		p.mu.Unlock()
		if !pass(ctx, wait) {
			return ctx.Err()
		}
	}
}

func (p *pacer) Answered(importer.Quota) { p.end(1) }
func (p *pacer) Unused()                 { p.end(1) }

func (p *pacer) end(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open -= n; p.open < 0 {
		p.breaches = append(p.breaches, "more slots given back than taken")
	}
}

func (p *pacer) Hold(r importer.Reply) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held++
	p.next = time.Now().Add(max(r.RetryAfter, 3*time.Second))
}

// pause has nothing start for a while.
func (p *pacer) pause(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = time.Now().Add(d)
}
