package report

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"relink/importer"
)

// tenASecond is a run that began now and makes ten rows a second.
func tenASecond(total int64) func() Snapshot {
	start := time.Now()
	return func() Snapshot {
		done := min(int64(time.Since(start)/(100*time.Millisecond)), total)
		return Snapshot{Counts: importer.Counts{Sent: done, Created: done - done/10, Existing: done / 10}, Allowance: 0.5}
	}
}

func TestTheBarNeitherWrapsNorTears(t *testing.T) {
	for _, width := range []int{60, 80, 200} {
		synctest.Test(t, func(t *testing.T) {
			g, c := newGlass(t, width)
			s := newScreen(g, c.width, Output{})
			s.terminal = true
			s.Print("the plan")
			stop := s.Progress(t.Context(), 1_000_000, tenASecond(1_000_000))
			time.Sleep(20*time.Second + 50*time.Millisecond)
			clock := time.Now().Format("15:04:05 ")
			s.Log().Warn("held", "until", "12:03:10")
			bar := g.String()
			if !strings.HasPrefix(bar, "the plan\n"+clock+"warning: held until=12:03:10\n   0% [") ||
				!strings.Contains(bar, "200/1,000,000  10.0/s") || !strings.Contains(bar, "180 created, 20 existing, 0 failed, 50% of allowance") {
				t.Errorf("at %d columns the screen shows\n%s", width, bar)
			}
			before := g.count()
			time.Sleep(10 * time.Second)
			if n := g.count() - before; n != 50 {
				t.Errorf("%d writes in 10 s, want 50", n)
			}
			stop()
			stop()
			s.Print("the summary")
			s.Close()
			if got, want := g.String(), "the plan\n"+clock+"warning: held until=12:03:10\nthe summary"; got != want {
				t.Errorf("at the end the screen shows\n%s\nwant\n%s", got, want)
			}
			if g.wrapped {
				t.Errorf("something wrapped at %d columns", width)
			}
		})
	}
}

func TestTheBarFollowsTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, c := newGlass(t, 200)
		s := newScreen(g, c.width, Output{})
		s.terminal = true
		defer s.Close()
		defer s.Progress(t.Context(), 1000, tenASecond(1000))()
		time.Sleep(5*time.Second + 50*time.Millisecond)
		if n := strings.Count(g.String(), "\n"); n != 0 {
			t.Errorf("at 200 columns:\n%s", g)
		}
		g.resize(60)
		time.Sleep(time.Second)
		if n := strings.Count(g.String(), "\n"); n != 1 || g.wrapped {
			t.Errorf("at 60 columns:\n%s", g)
		}
	})
}

func TestProgressElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		s := newScreen(&out, noWidth, Output{})
		defer s.Close()
		start := time.Now()
		stop := s.Progress(t.Context(), 1500, tenASecond(1500))
		time.Sleep(3 * time.Minute)
		stop()
		at := func(after time.Duration) string { return start.Add(after).Format("15:04:05 ") }
		want := at(10*time.Second) + "100 of 1,500 rows done (7%), 10.0/s, 2 min 20 s left: 90 created, 10 existing, 0 failed, 50% of allowance\n" +
			at(70*time.Second) + "700 of 1,500 rows done (47%), 10.0/s, 1 min 20 s left: 630 created, 70 existing, 0 failed, 50% of allowance\n" +
			at(130*time.Second) + "1,300 of 1,500 rows done (87%), 10.0/s, 20 s left: 1,170 created, 130 existing, 0 failed, 50% of allowance\n"
		if got := out.String(); got != want {
			t.Errorf("got\n%swant\n%s", got, want)
		}
	})
}

func TestProgressAsJSON(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		s := newScreen(&out, noWidth, Output{JSON: true})
		s.terminal = true // JSON lines and no bar, even there
		defer s.Close()
		snapshot := tenASecond(1500)
		stop := s.Progress(t.Context(), 1500, func() Snapshot {
			now := snapshot()
			now.Waits = []string{"database away"}
			return now
		})
		time.Sleep(30 * time.Second)
		stop()
		var got struct {
			Msg                  string
			Done, Total, Created int64
			Rate, Allowance      float64
			SecondsLeft          float64 `json:"seconds_left"`
			Waits                []string
		}
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatalf("%v in %q", err, out.String())
		}
		if got.Msg != "progress" || got.Done != 100 || got.Total != 1500 || got.Created != 90 || got.Rate != 10 ||
			got.Allowance != 0.5 || got.SecondsLeft != 140 || len(got.Waits) != 1 {
			t.Errorf("got %+v", got)
		}
	})
}

func TestQuietIsSilent(t *testing.T) {
	for _, terminal := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			var out bytes.Buffer
			s := newScreen(&out, func() int { return 80 }, Output{Quiet: true})
			s.terminal = terminal
			s.Plan(samplePlan())
			stop := s.Progress(t.Context(), 1500, tenASecond(1500))
			s.Log().Info("loaded")
			s.Log().Debug("created")
			time.Sleep(5 * time.Minute)
			stop()
			s.Close()
			if out.Len() > 0 {
				t.Errorf("terminal %v: %q", terminal, out.String())
			}
		})
	}
}

func TestProgressEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, c := newGlass(t, 80)
		s := newScreen(g, c.width, Output{})
		s.terminal = true
		defer s.Close()
		ctx, cancel := context.WithCancel(t.Context())
		stop := s.Progress(ctx, 10, tenASecond(10))
		time.Sleep(time.Second)
		cancel()
		synctest.Wait()
		if got := g.String(); got != "" {
			t.Errorf("the bar stands there still: %q", got)
		}
		stop()
		s.Progress(t.Context(), 0, nil)() // nothing to do: never asked
	})
}
