//go:build unix

package chaos

import (
	"testing"
	"time"
)

// TestTwoAtOnce: the second run on a location ends at once, or waits.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--faults", "latency=20ms-40ms")
	file := w.file("links.csv", numbered(0, 500, 1))
	overlapping := w.file("more.csv", numbered(300, 700, 1))
	first := w.startImport(8, file)
	w.service.await(first, 50)
	waiting := w.startImport(8, "--wait", "60s", overlapping)
	for _, again := range []string{file, overlapping} {
		began := time.Now()
		if s := w.startImport(8, again).wait(6); s.Stopped != "busy" || s.Requests.Sent != 0 {
			t.Errorf("the second run: %+v", s)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("the second run ended after %v", took)
		}
	}
	if !first.running() {
		t.Error("the first run was done before the second one came: nothing was tested")
	}
	first.wait(0)
	if s := waiting.wait(0); s.Files[0].Created != 400 {
		t.Errorf("the one that waited: %+v", s)
	}
	w.verify(end{scenario: "two at once, same location"})
}

// TestManyAtOnce starts runs on the same and on overlapping files together,
// until all say done.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--faults", "latency=1ms-10ms")
	var files []string
	for i, name := range []string{"a.csv", "b.csv", "c.csv"} {
		files = append(files, w.file(name, numbered(i*100, i*100+400, 2)))
	}
	var runs []*process
	for i := range 6 {
		runs = append(runs, w.startImport(4, "--wait", "60s", files[i%3], files[(i+1)%3]))
	}
	for _, p := range runs {
		p.wait(0)
	}
	w.verify(end{scenario: "six at once, overlapping files"})
}

// TestLocationsApart: runs on different locations do not hinder each other.
func TestLocationsApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--faults", "latency=20ms-30ms")
	var here, there []pair
	for _, p := range numbered(0, 800, 2) {
		if p.location == "loc00000000000000000" {
			here = append(here, p)
		} else {
			there = append(there, p)
		}
	}
	one, other := w.file("here.csv", here), w.file("there.csv", there)
	first := w.startImport(4, one)
	second := w.startImport(4, other)
	w.service.await(first, 300)
	seen := w.service.stats()
	if !first.running() || !second.running() || seen.Locations[here[0].location].Requests < 50 || seen.Locations[there[0].location].Requests < 50 {
		t.Errorf("they did not run side by side: %+v", seen.Locations)
	}
	first.wait(0)
	second.wait(0)
	w.verify(end{scenario: "two at once, two locations"})
}

// TestPrivateShared: two runs share the private Postgres of a fresh state
// folder, and the last one stops it.
func TestPrivateShared(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	w.service = w.serve("--faults", "latency=5ms-10ms")
	var runs []*process
	for _, p := range [][]pair{numbered(0, 100, 1), numbered(100, 300, 1), numbered(50, 150, 1)} {
		runs = append(runs, w.startImport(4, "--wait", "60s", w.file(p[0].second+".csv", p)))
	}
	for _, p := range runs {
		p.wait(0)
	}
	if left := processes(w.state()); left != "" {
		t.Errorf("the private Postgres still runs:\n%s", left)
	}
	w.private(func() { w.verify(end{scenario: "three at once, private Postgres"}) })
}
