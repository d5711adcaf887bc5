//go:build unix

package chaos

import (
	"fmt"
	"testing"
	"time"
)

// everything is what the service does wrong at once.
const everything = "cut-after=2%,cut-before=1%,5xx=2%,html-after=1%,truncate=1%,slow=0.5%:2s,html-before=1%,latency=1ms-6ms"

// TestServiceFaults lets everything go wrong at once, and the service be away
// for a while in the middle.
func TestServiceFaults(t *testing.T) {
	t.Parallel()
	for _, storm := range []struct {
		name, faults, form string
		kills              int
	}{
		{"faults, outage, 429 without Retry-After", ",429=2%", "none", 0},
		{"faults, outage, 429 with Retry-After, kill -9", ",429=2%:1s", "seconds", 3},
	} {
		t.Run(storm.form, func(t *testing.T) {
			t.Parallel()
			for round := range count(1, 4) {
				random := random(t)
				w := newWorld(t, "--rate", "1000/1s", "--retry-after", storm.form, "--faults", everything+storm.faults,
					"--seed", fmt.Sprint(seed+uint64(round)))
				const workers = 16
				file := w.file("links.csv", numbered(0, count(300, 700), 1))
				flags := []string{"--timeout", "1s", "--attempts", "8", file}
				for range storm.kills {
					before := w.service.stats().Requests
					p := w.startImport(workers, flags...)
					w.service.await(p, before+10+random.IntN(50))
					w.crash(p, workers)
				}
				p := w.startImport(workers, flags...)
				w.service.await(p, w.service.stats().Requests+100)
				w.service.post("outage?for=1500ms", "")
				s := p.wait(0)
				if seen := w.service.stats(); seen.Faults["outage"] == 0 || seen.Faults["cut-after"] == 0 || s.Requests.Throttled == 0 {
					t.Errorf("it saw too little: faults %v, %d throttled", seen.Faults, s.Requests.Throttled)
				}
				w.verify(end{scenario: storm.name})
			}
		})
	}
}

// TestThrottleStorm answers a third of the requests with 429.
func TestThrottleStorm(t *testing.T) {
	t.Parallel()
	for _, form := range []string{"429=30%", "429=30%:1s", "429=30%:1s:date"} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			if form == "429=30%:1s:date" && !long {
				t.Skip("a long form: RELINK_CHAOS=1")
			}
			w := newWorld(t, "--rate", "1000/1s", "--faults", form)
			file := w.file("links.csv", numbered(0, count(12, 60), 1))
			s := w.startImport(8, file).wait(0)
			if s.Requests.Throttled == 0 {
				t.Error("no 429 was seen")
			}
			w.verify(end{scenario: "storm of 429"})
		})
	}
}

// TestOutageTooLong: an outage longer than --outage-limit stops the run, and
// nothing is failed for it.
func TestOutageTooLong(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"", "503"} {
		t.Run("answer="+answer, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "--faults", "latency=2ms-6ms")
			file := w.file("links.csv", numbered(0, 800, 1))
			p := w.startImport(4, "--outage-limit", "2s", file)
			w.service.await(p, 100)
			w.service.post("outage?for=1h&answer="+answer, "")
			began := time.Now()
			s := p.wait(4)
			if s.Stopped != "outage" || s.Files[0].Failed != 0 || s.Files[0].Pending+s.Files[0].Sending == 0 {
				t.Errorf("the summary: %+v", s)
			}
			if took := time.Since(began); took < 2*time.Second || took > 6*time.Second {
				t.Errorf("it stopped after %v, with --outage-limit 2s", took)
			}
			w.verify(end{scenario: "outage over the limit, stopped", stopped: true})
			w.service.post("outage?for=0s", "")
			w.began = time.Now()
			w.startImport(4, file).wait(0)
			w.verify(end{scenario: "outage over the limit, carried on"})
		})
	}
}
