package importer_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"relink/importer"
	"relink/importer/ledgertest"
)

func TestSoftStop(t *testing.T) {
	play(t, 50, func(w *world) {
		w.service.latency = time.Second
		began := time.Now()
		w.ended(w.soft(2050*time.Millisecond), importer.StopMaxDuration)
		if took := time.Since(began); took > 3100*time.Millisecond {
			t.Errorf("took %v, want the calls in flight to end and no more", took)
		}
		w.clean()
		if w.service.unclear != 0 {
			t.Errorf("%d calls in flight were cut", w.service.unclear)
		}
		created := w.tally.Counts().Created
		if int(created) != w.service.sent() || created == 0 {
			t.Errorf("%d sent, %d created; want what was in flight to be settled", w.service.sent(), created)
		}
	})
}

func TestSoftStopBeforeStart(t *testing.T) {
	play(t, 5, func(w *world) {
		soft, stop := context.WithCancel(context.Background())
		stop()
		w.ended(w.run(context.Background(), soft, "loc")[0], importer.StopSignal)
		if w.service.sent() != 0 {
			t.Errorf("%d calls made after the stop", w.service.sent())
		}
	})
}

func TestNoClaimAfterStop(t *testing.T) {
	play(t, 50, func(w *world) {
		stopped := time.Now().Add(time.Second)
		w.memory.Fault = func(_ *ledgertest.MemoryLane, op ledgertest.Op) ledgertest.Fault {
			if op == ledgertest.Claim && time.Now().After(stopped) {
				t.Error("rows claimed after the stop")
			}
			return ledgertest.Fault{Before: 300 * time.Millisecond}
		}
		w.gap = 10 * time.Millisecond
		w.ended(w.soft(time.Second), importer.StopMaxDuration)
	})
}

func TestGraceExceeded(t *testing.T) {
	play(t, 20, func(w *world) {
		w.limits.Attempts = 1 // a call that we cut ourselves is no attempt
		w.service.react = func(n int, _ importer.Item) reaction {
			switch {
			case n == 4: // a clear answer while the others are in flight
				return reaction{after: 3 * time.Second}
			case n > 4:
				return reaction{after: 9 * time.Second}
			}
			return reaction{}
		}
		began := time.Now()
		w.ended(w.soft(time.Second), importer.StopMaxDuration)
		if took := time.Since(began); took < 6*time.Second || took > 6100*time.Millisecond {
			t.Errorf("took %v, want 1 s and 5 s of grace", took)
		}
		if n := w.memory.Claimed(); n != 3 {
			t.Errorf("%d rows in doubt, want the three that were cut", n)
		}
	})
}

func TestHardStop(t *testing.T) {
	play(t, 20, func(w *world) {
		w.service.latency = time.Second
		began := time.Now()
		w.ended(w.kill(1500*time.Millisecond), importer.StopSignal)
		if took := time.Since(began); took > 1600*time.Millisecond {
			t.Errorf("took %v, want everything to be dropped", took)
		}
	})
}

// hard may end alone.
func TestHardStopWithoutSoft(t *testing.T) {
	play(t, 20, func(w *world) {
		hard, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		w.ended(w.run(hard, context.Background(), "loc")[0], importer.StopSignal)
		if n := w.service.sent(); n > 11 {
			t.Errorf("%d calls, want none after the stop", n-10)
		}
	})
}

func TestSpentByPacer(t *testing.T) {
	play(t, 20, func(w *world) {
		w.budget = 7
		w.ended(w.drain(), importer.StopDailyQuota)
		w.clean()
		if w.service.sent() != 7 {
			t.Errorf("%d sent, want 7", w.service.sent())
		}
	})
}

// The service says Spent before the pacer does: nothing storms on.
func TestSpentByService(t *testing.T) {
	play(t, 20, func(w *world) {
		w.budget = 9
		w.service.react = func(n int, _ importer.Item) reaction {
			if n > 6 {
				return reaction{err: importer.Spent}
			}
			return reaction{}
		}
		w.ended(w.drain(), importer.StopDailyQuota)
		w.clean()
		if w.pacers[0].held == 0 {
			t.Error("the pacer was not held")
		}
	})
}

func TestStaleRenewedOnce(t *testing.T) {
	play(t, 20, func(w *world) {
		w.gap, w.service.latency = 0, time.Second
		w.service.react = func(n int, _ importer.Item) reaction {
			if w.service.generation == 0 {
				return reaction{err: importer.Stale}
			}
			return reaction{}
		}
		w.ended(w.drain(), importer.StopNone)
		if len(w.service.renewed) != 1 {
			t.Errorf("renewed %v, want once for all", w.service.renewed)
		}
	})
}

func TestStaleInVain(t *testing.T) {
	for _, fails := range []bool{false, true} {
		t.Run(fmt.Sprint("renewal fails: ", fails), func(t *testing.T) {
			play(t, 20, func(w *world) {
				if fails {
					w.service.renewal = func(int) error { return errors.New("invalid_grant") }
				}
				w.service.react = func(int, importer.Item) reaction { return reaction{err: importer.Stale} }
				w.ended(w.drain(), importer.StopCredentials)
				w.clean()
				if n := w.service.sent(); n > 15 || fails && n > 1 {
					t.Errorf("%d calls with a credential that does not do", n)
				}
				w.service.renewal = nil
			})
		})
	}
}

func TestRefusedAndBlocked(t *testing.T) {
	for class, stop := range map[importer.Class]importer.Stop{
		importer.Refused: importer.StopCredentials, importer.Blocked: importer.StopOutage,
	} {
		t.Run(class.Error(), func(t *testing.T) {
			play(t, 50, func(w *world) {
				w.service.latency = 350 * time.Millisecond
				w.service.react = func(n int, _ importer.Item) reaction {
					if n > 10 {
						return reaction{err: fmt.Errorf("403: %w", class)}
					}
					return reaction{}
				}
				end := w.drain()
				w.ended(end, stop)
				w.clean()
				if n := w.service.sent(); n > 10+w.limits.Workers {
					t.Errorf("%d calls spent, want at most what was in flight", n-10)
				}
				if end.Err == nil || end.Location != "loc" || end.Detail == "" {
					t.Errorf("got %+v, want the reason", end)
				}
			})
		})
	}
}

// A stop that comes while the pacer lets a call pass is in time.
func TestStopDuringPace(t *testing.T) {
	play(t, 20, func(w *world) {
		soft, stop := context.WithCancel(context.Background())
		w.onWait = func(n int) {
			if n == 5 {
				stop()
			}
		}
		w.ended(w.run(context.Background(), soft, "loc")[0], importer.StopSignal)
		if w.service.sent() != 4 {
			t.Errorf("%d calls, want 4", w.service.sent())
		}
		w.onWait = nil
	})
}
