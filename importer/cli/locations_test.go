package cli_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ending is the part of the summary that these tests look at.
type ending struct {
	Exit    int
	Stopped string
	Files   []struct{ Rows, Created, Pending, Sending, Failed int }

	Locations []struct {
		Location, Stopped, Message string
		Sent, Created, Pending     int
		Throttled                  int
	}
}

// run runs relink with --json to its end.
func (r *rehearsal) run(args ...string) (e ending) {
	r.t.Helper()
	cmd := exec.Command("relink", append(args, "--json")...)
	cmd.Env, cmd.Dir = r.env, r.dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		r.t.Fatalf("running relink: %v", err)
	}
	if err := json.Unmarshal(out, &e); err != nil {
		r.t.Fatalf("reading the summary: %v\nstdout: %s\nstderr: %s", err, out, stderr.String())
	}
	if got := cmd.ProcessState.ExitCode(); got != e.Exit {
		r.t.Errorf("exited with %d, and the summary says %d", got, e.Exit)
	}
	return e
}

func (r *rehearsal) write(name string, lines []string) string {
	r.t.Helper()
	path := filepath.Join(r.dir, name)
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return path
}

// spread is a file of rows for so many locations, in turn.
func spread(locations, rows int) []string {
	lines := []string{"locationId,associationId,firstRecordId,secondRecordId"}
	for i := range rows {
		lines = append(lines, fmt.Sprintf("loc%03d,assoc,first%06d,second%06d", i%locations, i, i))
	}
	return lines
}

// Fifty locations with quotas of their own in one file. Three have no good token:
// their rows stay pending and they are named; one has its day's quota spent; the
// other forty-six finish all the same. With the tokens mended, the same command
// does the rest.
func TestFiftyLocations(t *testing.T) {
	t.Parallel()
	const locations, each = 50, 8
	limits, good := []string{"locationId,max,interval,daily"}, []string{"locationId,token"}
	for i := range locations {
		daily := 1000
		if i == 7 {
			daily = 3
		}
		limits = append(limits, fmt.Sprintf("loc%03d,%d,1s,%d", i, 4+i%9, daily))
		good = append(good, fmt.Sprintf("loc%03d,pit-%03d", i, i))
	}
	bad := slices.Clone(good)
	bad[1+11] = "loc011,pit-unknown"
	bad[1+22] = "loc022,pit-021" // good, for another location
	bad = slices.Delete(bad, 1+33, 1+34)

	dir := t.TempDir()
	accepted := filepath.Join(dir, "accepted.csv")
	limited := filepath.Join(dir, "limits.csv")
	for path, lines := range map[string][]string{accepted: good, limited: limits} {
		if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := newRehearsal(t, "--tokens", accepted, "--limits", limited, "--window", "strict")
	r.env = append(r.env, "RELINK_TOKEN=")
	file, tokens := r.write("links.csv", spread(locations, locations*each)), r.write("tokens.csv", bad)

	first := r.run("import", file, "--tokens", tokens)
	if first.Exit != 5 || first.Stopped != "credentials" || len(first.Locations) != locations {
		t.Fatalf("got exit %d, stopped %q and %d locations, want 5, credentials and %d", first.Exit, first.Stopped, len(first.Locations), locations)
	}
	for _, l := range first.Locations {
		want, pending := "", 0
		switch l.Location {
		case "loc011", "loc022", "loc033":
			want, pending = "credentials", each
		case "loc007":
			want, pending = "daily_quota", each-3
		}
		if l.Stopped != want || l.Pending != pending || l.Created != each-pending || l.Throttled > 0 {
			t.Errorf("got %+v, want stopped %q with %d pending and no 429", l, want, pending)
		}
		if (l.Message == "") != (want == "") {
			t.Errorf("location %s stopped %q and says %q", l.Location, want, l.Message)
		}
	}
	if got, want := first.Files[0].Pending, 3*each+each-3; got != want {
		t.Errorf("got %d pending, want %d", got, want)
	}
	second := r.run("import", file, "--tokens", r.write("tokens.csv", good))
	if second.Exit != 4 || second.Stopped != "daily_quota" || second.Files[0].Pending != each-3 {
		t.Errorf("with good tokens: got exit %d, stopped %q, %d pending, want 4, daily_quota and %d",
			second.Exit, second.Stopped, second.Files[0].Pending, each-3)
	}
	if saw := r.seen(); saw.Throttled > 1 || saw.MaxSends != 1 {
		// The one is the second run's look at a quota that is spent.
		t.Errorf("the sandbox saw %+v, want no pair sent twice, and at most one 429", saw)
	}
}

// Two hundred locations share the machine: lanes side by side, sixteen
// connections to the database.
func TestTwoHundredLocations(t *testing.T) {
	t.Parallel()
	const locations, each = 200, 10
	r := newRehearsal(t, "--rate", "10/1s", "--window", "strict")
	got := r.run("import", r.write("links.csv", spread(locations, locations*each)), "--rate", "10/1s")
	if got.Exit != 0 || got.Files[0].Created != locations*each || len(got.Locations) != locations {
		t.Errorf("got exit %d, %+v and %d locations, want all created", got.Exit, got.Files, len(got.Locations))
	}
	if saw := r.seen(); saw.Throttled > 0 || saw.MaxSends != 1 || saw.Requests != locations*each {
		t.Errorf("the sandbox saw %+v, want each pair once and no 429", saw)
	}
}
