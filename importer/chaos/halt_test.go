//go:build unix

package chaos

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestTokenRevoked: a token that is refused half way ends the run with 5, at
// the cost of the calls in flight.
func TestTokenRevoked(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"pit", "jwt", "scope", "location403"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			const workers = 8
			w := newWorld(t, "--faults", "latency=5ms-15ms")
			file := w.file("links.csv", numbered(0, 600, 1))
			p := w.startImport(workers, file)
			w.service.await(p, 150)
			w.service.post("revoke?token="+token+"&as="+kind, "")
			s := p.wait(5)
			if s.Stopped != "credentials" || s.Files[0].Failed != 0 || s.Files[0].Sending != 0 || s.Files[0].Pending == 0 {
				t.Errorf("the summary: %+v", s)
			}
			if seen := w.service.stats(); seen.Status["401"]+seen.Status["403"] > workers {
				t.Errorf("a token that is refused was sent with %d calls, with %d workers: %v", seen.Status["401"]+seen.Status["403"], workers, seen.Status)
			}
			w.verify(end{scenario: "token revoked half way, stopped", stopped: true})

			// Another token, and the rest is made.
			w.began = time.Now()
			other := exec.Command(binary, "import", "--json", "--rate", "0", file)
			other.Env = []string{"RELINK_TOKEN=pit-an0ther-0ne"}
			w.launch(other).wait(0)
			w.verify(end{scenario: "token revoked half way, carried on"})
		})
	}
}

// TestSwappedColumns: when the first answers all fail alike the run stops and
// says what is likely wrong, and the rest stays pending.
func TestSwappedColumns(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	w.dsn = newDatabase(t, database)
	const rows, alike, workers = 400, 30, 8
	right := numbered(0, rows, 1)
	var records strings.Builder
	records.WriteString("recordId,object\n")
	for _, p := range right {
		records.WriteString(p.first + ",contact\n" + p.second + ",custom_objects.pet\n")
	}
	associations := w.text("associations.csv",
		"associationId,key,firstObject,secondObject\n"+association+",owner_pet,contact,custom_objects.pet\n")
	w.service = w.serve("--associations", associations, "--records", w.text("records.csv", records.String()))
	swapped := make([]pair, rows)
	for i, p := range right {
		swapped[i] = pair{p.location, p.association, p.second, p.first}
	}
	file := w.file("swapped.csv", swapped)
	p := w.startImport(workers, "--stop-after-alike", "30", file)
	s := p.wait(3)
	f := s.Files[0]
	if s.Stopped != "alike" || f.Failed < alike || f.Failed > alike+workers || f.Pending != rows-f.Failed || f.Created+f.Existing > 0 {
		t.Errorf("the summary: %+v", s)
	}
	if len(s.Locations) != 1 || !strings.Contains(s.Locations[0].Message, "swapped?") {
		t.Errorf("it does not ask whether the columns are swapped: %+v", s.Locations)
	}
	if sent := w.service.stats().Requests; sent > alike+workers {
		t.Errorf("%d requests were spent", sent)
	}

	// The columns named rightly, all of them are made.
	clear(w.good)
	for _, p := range right {
		w.good[p] = true
	}
	w.startImport(workers, "--first-column", "secondRecordId", "--second-column", "firstRecordId", file).wait(0)
	w.verify(end{scenario: "swapped columns, then named rightly", stopped: true})
}

// TestLocationsHalt: a location that has to stop does not hold up another.
func TestLocationsHalt(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	w.dsn = newDatabase(t, database)
	pairs := numbered(0, 300, 3)
	w.service = w.serve("--faults", "latency=2ms-6ms", "--tokens", w.text("accepted.csv",
		"locationId,token\n"+pairs[0].location+",good-1\n"+pairs[1].location+",good-2\n"))
	tokens := w.text("tokens.csv", "locationId,token\n"+pairs[0].location+",good-1\n"+pairs[1].location+",good-2\n"+pairs[2].location+",pit-bad\n")
	file := w.file("links.csv", pairs)
	p := w.start("import", "--json", "--rate", "0", "--tokens", tokens, file)
	s := p.wait(5)
	if f := s.Files[0]; f.Created != 200 || f.Pending != 100 || f.Failed != 0 {
		t.Errorf("the summary: %+v", s)
	}
	w.verify(end{scenario: "one of three tokens refused", stopped: true})
}

// text writes a file that is no list of rows.
func (w *world) text(name, content string) string {
	w.t.Helper()
	name = filepath.Join(w.dir, name)
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return name
}
