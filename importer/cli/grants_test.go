package cli_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"relink/importer/sandbox"
)

// A run of several days: tokens end by their own time and by the service's
// clock, while faults strike, a second run and relink login --check share the
// file. No refresh token is exchanged twice, and nothing leaks.
func TestRunOutlivesItsTokens(t *testing.T) {
	t.Parallel()
	b := newBureau(t, sandbox.Config{
		OAuth:  sandbox.OAuth{Lifetime: 2 * time.Second},
		Faults: sandbox.Faults{ServerError: 0.03, CutAfter: 0.03, Truncate: 0.02},
	}, "loc-a", "loc-b", "loc-c")
	for _, location := range []string{"loc-a", "loc-b", "loc-c"} {
		b.login(location, 0)
	}
	const each = 60
	b.mu.Lock()
	b.broken = 2
	b.mu.Unlock()
	first := b.start("", "import", b.links("ab.csv", each, "loc-a", "loc-b"), "--rate", "8/1s", "--attempts", "20", "-v")
	second := b.start("", "import", b.links("c.csv", each, "loc-c"), "--rate", "8/1s", "--attempts", "20", "--log-format", "json", "--json", "-v")
	done := make(chan struct{})
	var others sync.WaitGroup
	others.Go(func() {
		for day := 0; ; day++ {
			select {
			case <-done:
				return
			case <-time.After(700 * time.Millisecond):
			}
			if day%3 == 0 {
				b.advance("25h")
			}
			if code := b.exit(b.start("", "login", "--check")); code != 0 && code != 4 { // 4: a fault struck
				t.Errorf("login --check exited with %d", code)
			}
		}
	})
	ended := [2]int{}
	ended[0] = b.exit(first)
	ended[1] = b.exit(second)
	close(done)
	others.Wait()
	if ended != [2]int{} {
		t.Errorf("the runs exited with %v, want 0\n%s\n%s", ended, first.out.String(), second.out.String())
	}
	if n := b.relations(); n != 3*each {
		t.Errorf("got %d relations, want %d", n, 3*each)
	}
	exchanges, dead := b.count()
	if exchanges < 3+3*3 || dead > 0 {
		t.Errorf("got %d exchanges, %d refused, want several for each location and none refused", exchanges, dead)
	}
	t.Logf("%d exchanges", exchanges)
	b.leaks()
}

// Killed at every step of an exchange. Before it, and when the answer is on its
// way to the disk, the next run goes on; in the window between, the message says
// how to get out, and after that it goes on too.
func TestKilledWhileRenewing(t *testing.T) {
	t.Parallel()
	b := newBureau(t, sandbox.Config{}, "loc-a")
	b.login("loc-a", 0)
	file, logins := b.links("links.csv", 400, "loc-a"), 1
	random := rand.New(rand.NewPCG(9, 9))
	steps := []string{"asked", "exchanged", "asked", "answered", "answered", "answered", "answered", "answered", "answered", "answered", "answered", "exchanged"}
	stored := 0
	for round, at := range steps {
		_, before, _ := b.granted("loc-a")
		b.advance("25h")
		s := b.start("", "import", file, "--rate", "20/1s", "--timeout", "5s")
		delay := time.Duration(random.Int64N(int64(30 * time.Millisecond)))
		b.at(func(step string) bool {
			if step != at {
				return true
			}
			if step == "answered" {
				time.Sleep(delay)
			}
			_ = s.Process.Kill()
			return false
		})
		if code := b.exit(s); code != -1 {
			t.Fatalf("round %d: exited with %d before it was killed\n%s%s", round, code, s.out.String(), s.err.String())
		}
		b.at(nil)
		_, refresh, renewing := b.granted("loc-a")
		if refresh == before && renewing.IsZero() {
			t.Errorf("round %d, killed at %s: no new pair, and no note that one was asked for", round, at)
		}
		if refresh != before {
			stored++
		}
		if at != "asked" && refresh == before { // the window
			lost := b.relink(5, "", "import", file, "--rate", "20/1s")
			for _, want := range []string{"cut off between", "relink login --location", "loc-a"} {
				if text := strings.Join(strings.Fields(lost.out.String()), " "); !strings.Contains(text, want) {
					t.Errorf("round %d: the summary does not say %q: %s", round, want, text)
				}
			}
			if logins == codes {
				t.Fatal("no more codes")
			}
			b.login("loc-a", logins)
			logins++
		}
	}
	b.advance("25h")
	b.relink(0, "", "import", file, "--rate", "0")
	if n := b.relations(); n != 400 {
		t.Errorf("got %d relations, want 400", n)
	}
	t.Logf("%d logins; %d of %d kills after the answer found the new pair on disk", logins, stored, len(steps)-4)
	b.leaks()
}

// A grant is revoked in the middle: that location stops, the other finishes, the
// exit code is 5; after another login the same command does the rest.
func TestGrantRevokedInTheMiddle(t *testing.T) {
	t.Parallel()
	b := newBureau(t, sandbox.Config{}, "loc-a", "loc-b")
	b.login("loc-a", 0)
	b.login("loc-b", 0)
	file := b.links("links.csv", 40, "loc-a", "loc-b")
	s := b.start("", "import", file, "--rate", "20/1s")
	for {
		if n := b.relations(); n >= 20 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	access, refresh, _ := b.granted("loc-b")
	b.revoke(access)
	b.revoke(refresh)
	if code := b.exit(s); code != 5 {
		t.Fatalf("exited with %d, want 5: %s%s", code, s.out.String(), s.err.String())
	}
	text := strings.Join(strings.Fields(s.out.String()), " ")
	for _, want := range []string{"loc-b: credential out of date: 401 Invalid JWT", "invalid_grant", "The grant was revoked", "relink login"} {
		if !strings.Contains(text, want) {
			t.Errorf("the summary does not say %q: %s", want, text)
		}
	}
	if !strings.Contains(s.err.String(), "location stopped") {
		t.Errorf("the log does not say that a location stopped: %s", s.err.String())
	}
	counts := map[string]int{}
	for _, location := range []string{"loc-a", "loc-b"} {
		counts[location] = b.server.Stats().Locations[location].Relations
	}
	if counts["loc-a"] != 40 || counts["loc-b"] == 40 {
		t.Errorf("got %v, want loc-a finished and loc-b not", counts)
	}
	b.login("loc-b", 1)
	b.relink(0, "", "import", file, "--rate", "20/1s")
	if n := b.relations(); n != 80 {
		t.Errorf("got %d relations, want 80", n)
	}
	b.leaks()
}

// Everything that a run with faults wrote is searched for every secret: a service
// that repeats them in its answers, refusals, bad files, a crash of nothing.
func TestNoSecretIsWritten(t *testing.T) {
	t.Parallel()
	b := newBureau(t, sandbox.Config{Faults: sandbox.Faults{ServerError: 0.1, HTMLAfter: 0.1}}, "loc-a")
	b.login("loc-a", 0)
	file := b.links("links.csv", 12, "loc-a")
	echo := filepath.Join(b.dir, "echo.csv")
	if err := os.WriteFile(echo, []byte("locationId,associationId,firstRecordId,secondRecordId\nloc-a,assoc,echo,1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{}, {"-v"}, {"-v", "--log-format", "json", "--json"}} {
		b.relink(3, "", append([]string{"import", file, "echo.csv", "--rate", "0", "--attempts", "20"}, args...)...)
	}
	b.mu.Lock()
	b.broken = 2
	b.mu.Unlock()
	b.advance("25h")
	b.relink(0, "", "import", b.links("more.csv", 16, "loc-a"), "--rate", "0", "--attempts", "20", "-v")
	b.relink(5, b.code("loc-a", 0), "login", "--code", "-")
	b.env = append(b.env, "RELINK_CLIENT_SECRET=wrong-"+appSecret)
	b.advance("25h")
	b.relink(5, "", "import", b.links("again.csv", 20, "loc-a"), "--rate", "0", "-v")
	b.relink(5, b.code("loc-a", 3), "login", "--code", "-")
	said, err := os.ReadFile(filepath.Join(b.dir, "said.txt"))
	if err != nil || !bytes.Contains(said, []byte("[token]")) {
		t.Errorf("the service's echo was not heard, %v", err)
	}
	if !bytes.Contains(said, []byte("RELINK_CLIENT_SECRET")) {
		t.Error("the refusal of the app was not explained")
	}
	b.leaks()
}
