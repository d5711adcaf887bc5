package importer

import (
	"testing"
	"time"
)

func TestBatch(t *testing.T) {
	type step struct {
		after time.Duration
		taken int
		want  int
	}
	for name, c := range map[string]struct {
		limit int
		steps []step
	}{
		"paced at ten a second": {1000, []step{{0, 0, 10}, {0, 1, 10}, {900 * time.Millisecond, 9, 10}, {time.Second, 10, 10}}},
		"grows up to its limit": {30, []step{{0, 0, 10}, {1, 1, 10}, {1, 10, 20}, {1, 9, 20}, {1, 9, 30}, {1, 30, 30}}},
		"shrinks": {1000, []step{
			{0, 0, 10}, {1, 10, 20}, {1, 20, 40}, {2 * time.Second, 50, 40}, {4 * time.Second, 50, 12}, {3 * time.Second, 0, 10}, {time.Hour, 0, 10},
		}},
		"a limit below ten": {3, []step{{0, 0, 3}, {1, 3, 3}, {time.Minute, 1, 3}}},
	} {
		b := newBatch(c.limit)
		now := time.Now()
		for i, s := range c.steps {
			now = now.Add(s.after)
			b.taken += s.taken
			if got := b.claim(now); got != s.want {
				t.Errorf("%s, claim %d: got %d rows, want %d", name, i+1, got, s.want)
			}
		}
	}
}
