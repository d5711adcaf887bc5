package leadconnector

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"relink/importer"
	"relink/importer/sandbox"
)

// TestTokensOutliveTheirDay sends every ten minutes for six days: no call meets
// an old token, and each token is on disk before it is used.
func TestTokensOutliveTheirDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, sandbox.Config{})
		c := d.client(d.tokens())
		for i := range 6 * 24 * 6 * 10 {
			if _, err := d.send(c, fmt.Sprint("r", i)); err != nil {
				t.Fatalf("after %d minutes: %v", i, err)
			}
			time.Sleep(time.Minute)
		}
		if got := d.auth.seen(); got < 6 || got > 7 {
			t.Errorf("got %d exchanges in six days, want one a day", got)
		}
		if g := d.stored(); !g.renewing.IsZero() {
			t.Error("the note of a renewal is still there")
		}
	})
}

// TestMachineThatSlept finds a token that ended meanwhile.
func TestMachineThatSlept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, sandbox.Config{})
		c := d.client(d.tokens())
		time.Sleep(40 * time.Hour)
		if _, err := d.send(c, "a"); err != nil || d.auth.seen() != 1 {
			t.Errorf("got %v after %d exchanges", err, d.auth.seen())
		}
	})
}

// TestStaleTokenIsRenewedOnce: the service's clock says that it ended, ours
// not, and all workers ask at once.
func TestStaleTokenIsRenewedOnce(t *testing.T) {
	d := newDesk(t, sandbox.Config{})
	tokens := d.tokens()
	d.auth.control(t, "/_sandbox/clock?advance=25h")
	c := d.client(tokens)
	reply, err := d.send(c, "a")
	if classOf(err) != importer.Stale {
		t.Fatalf("got %v, want Stale", err)
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := c.Renew(t.Context(), reply.Credential); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if _, err := d.send(c, "a"); err != nil || d.auth.seen() != 1 {
		t.Errorf("got %v after %d exchanges, want one", err, d.auth.seen())
	}
}

// TestProcessesShareTheFile: several with one file, each finds the token out of
// date, and one renews for all.
func TestProcessesShareTheFile(t *testing.T) {
	d := newDesk(t, sandbox.Config{})
	var processes []*grantTokens
	for range 4 {
		processes = append(processes, d.tokens())
	}
	for day := range 3 {
		var all sync.WaitGroup
		for i, p := range processes {
			all.Go(func() {
				_, generation, err := p.Token(t.Context())
				if err == nil {
					err = p.Renew(t.Context(), generation)
				}
				if err != nil {
					t.Errorf("day %d, process %d: %v", day, i, err)
				}
			})
		}
		all.Wait()
		if got := d.auth.seen(); got != day+1 {
			t.Errorf("day %d: %d exchanges, want one a day", day, got)
		}
		d.auth.control(t, "/_sandbox/clock?advance=25h")
	}
}

// TestDiskFails lets every step of every write fail, applied or not: no token is
// used that is not on disk, none is asked for that could not be stored, and when
// the disk works again nothing is lost.
func TestDiskFails(t *testing.T) {
	for _, step := range []string{"write", "sync", "rename", "renamed", "dir"} {
		for nth := 1; nth <= 2; nth++ { // the note, then the pair
			t.Run(fmt.Sprint(step, nth), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { testDiskFails(t, step, nth) })
			})
		}
	}
}

func testDiskFails(t *testing.T, step string, nth int) {
	d := newDesk(t, sandbox.Config{})
	tokens := d.tokens()
	count, mended := 0, false
	tokens.file.disk = failingDisk(step, func(begins bool) bool {
		if begins {
			count++
		}
		return !mended && count >= nth
	})
	c := d.client(tokens)
	time.Sleep(30 * time.Hour)
	for range 5 {
		if _, err := d.send(c, "a"); classOf(err) != importer.Unsent {
			t.Fatalf("got %v, want that nothing was sent", err)
		} else {
			d.silent("the error", err.Error())
		}
		time.Sleep(time.Minute)
	}
	if got := d.auth.seen(); got != nth-1 {
		t.Errorf("got %d exchanges, want %d", got, nth-1)
	}
	mended = true
	if _, err := d.send(c, "a"); err != nil {
		t.Errorf("when the disk works again: %v", err)
	}
	if got := d.auth.seen(); got != 1 {
		t.Errorf("got %d exchanges, want 1", got)
	}
	if _, _, err := d.tokens().Token(t.Context()); err != nil || d.auth.seen() != 1 {
		t.Errorf("the next process: %v, %d exchanges", err, d.auth.seen())
	}
}

// failingDisk fails one step of every replacing for which fails says so.
func failingDisk(step string, fails func(begins bool) bool) disk {
	broken := errors.New("no space left on device")
	real := realDisk
	bad := real
	bad.write = func(f *os.File, text []byte) error {
		if fails(true) && step == "write" {
			_, _ = f.Write(text[:len(text)/2])
			return broken
		}
		return real.write(f, text)
	}
	bad.sync = func(f *os.File) error {
		if step == "sync" && fails(false) {
			return broken
		}
		return real.sync(f)
	}
	bad.rename = func(from, to string) error {
		switch {
		case step == "rename" && fails(false):
			return broken
		case step == "renamed" && fails(false):
			return errors.Join(real.rename(from, to), broken)
		}
		return real.rename(from, to)
	}
	bad.syncDir = func(dir string) error {
		if step == "dir" && fails(false) {
			return broken
		}
		return real.syncDir(dir)
	}
	return bad
}

// TestCrashBeforeTheExchange leaves the note, and nothing is lost.
func TestCrashBeforeTheExchange(t *testing.T) {
	d := newDesk(t, sandbox.Config{})
	g := d.stored()
	g.renewing, g.expires = time.Now(), time.Now().Add(-time.Hour)
	if err := d.open().put("loc1", g); err != nil {
		t.Fatal(err)
	}
	if _, err := d.send(d.client(d.tokens()), "a"); err != nil {
		t.Errorf("got %v", err)
	}
	if !d.stored().renewing.IsZero() {
		t.Error("the note is still there")
	}
}

// TestCrashBeforeTheRename leaves the new pair beside its place, where the next
// process finds it.
func TestCrashBeforeTheRename(t *testing.T) {
	d := newDesk(t, sandbox.Config{})
	before := d.stored()
	d.auth.control(t, "/_sandbox/clock?advance=25h")
	tokens, renames := d.tokens(), 0
	tokens.file.disk.rename = func(from, to string) error {
		if renames++; renames == 2 {
			runtime.Goexit() // as a crash does, nothing is cleaned up but what defer does
		}
		return os.Rename(from, to)
	}
	kept := []byte(nil)
	tokens.file.disk.sync = func(f *os.File) error {
		kept, _ = os.ReadFile(f.Name())
		return f.Sync()
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = tokens.Renew(t.Context(), 0)
	}()
	<-done
	if got := d.stored(); got.refresh.reveal() != before.refresh.reveal() || got.renewing.IsZero() {
		t.Fatal("the crash was not where it should be")
	}
	for _, cut := range []bool{true, false} {
		text := kept
		if cut {
			text = kept[:len(kept)-9]
		}
		if err := os.WriteFile(d.path+newSuffix, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, ok := d.open().left("loc1"); ok == cut {
			t.Errorf("cut %v: found %v", cut, ok)
		}
	}
	if _, err := d.send(d.client(d.renewed()), "a"); err != nil || d.auth.seen() != 1 {
		t.Errorf("got %v after %d exchanges, want the pair of the one", err, d.auth.seen())
	}
	if _, err := os.Stat(d.path + newSuffix); err == nil {
		t.Error("the file beside it is still there")
	}
}

// TestLostAnswer is the one window: the service took the refresh token, and
// nobody has the new one. The message says so, and how to get out.
func TestLostAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, sandbox.Config{})
		time.Sleep(30 * time.Hour)
		d.auth.after = func() error { return errors.New("connection reset by peer") }
		c := d.client(d.tokens())
		if _, err := d.send(c, "a"); classOf(err) != importer.Unsent {
			t.Fatalf("got %v, want to wait", err)
		}
		d.auth.after = nil
		c = d.client(d.tokens()) // another process, or this one later
		_, err := d.send(c, "a")
		told := (*Error)(nil)
		if classOf(err) != importer.Refused || !errors.As(err, &told) {
			t.Fatalf("got %v, want a refusal", err)
		}
		for _, want := range []string{"cut off between", "relink login --location loc1"} {
			if !strings.Contains(told.Advice(), want) {
				t.Errorf("the advice lacks %q: %s", want, told.Advice())
			}
		}
		d.silent("the error", err.Error()+told.Advice())
	})
}

// TestRevokedGrant is refused, at once and for good.
func TestRevokedGrant(t *testing.T) {
	d := newDesk(t, sandbox.Config{})
	tokens := d.tokens()
	d.auth.control(t, "/_sandbox/revoke?token="+d.stored().refresh.reveal())
	d.auth.control(t, "/_sandbox/revoke?token="+d.stored().access.reveal())
	c := d.client(tokens)
	reply, err := d.send(c, "a")
	if classOf(err) != importer.Stale {
		t.Fatalf("got %v, want Stale", err)
	}
	err = c.Renew(t.Context(), reply.Credential)
	told := (*Error)(nil)
	if !errors.As(err, &told) || told.Class != importer.Refused || told.Advice() != adviceGrant {
		t.Fatalf("got %v, want the advice on a dead grant", err)
	}
	d.silent("the error", fmt.Sprintf("%v %+v %#v", err, err, told))
	if !d.stored().renewing.IsZero() {
		t.Error("a note stays of an exchange that was refused")
	}
	// A person logs in again, in another process: the run finds it.
	g := d.stored()
	g.access, _ = NewToken("ey.of-another-login")
	if err := d.open().put("loc1", g); err != nil {
		t.Fatal(err)
	}
	tokens.mu.Lock()
	tokens.quiet = time.Time{}
	tokens.mu.Unlock()
	if token, _, err := tokens.Token(t.Context()); err != nil || token.reveal() != "ey.of-another-login" {
		t.Errorf("after another login: %v", err)
	}
}

// TestRevokedAheadOfTheEnd uses what is left of the old token, and does not ask
// again with a refresh token that was refused.
func TestRevokedAheadOfTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, sandbox.Config{})
		c := d.client(d.tokens())
		d.auth.control(t, "/_sandbox/revoke?token="+d.stored().refresh.reveal())
		time.Sleep(24*time.Hour - 4*time.Minute)
		for range 40 {
			if _, err := d.send(c, "a"); err != nil && classOf(err) != importer.Duplicate {
				t.Fatal(err)
			}
			time.Sleep(5 * time.Second)
		}
		if got := d.auth.seen(); got != 1 {
			t.Errorf("got %d exchanges, want 1", got)
		}
		time.Sleep(time.Minute)
		if _, err := d.send(c, "b"); classOf(err) != importer.Refused {
			t.Errorf("got %v, want a refusal", err)
		}
	})
}

// TestServiceAway: the token lasts as long as it lasts; then calls are Unsent,
// which the engine waits out, and the service is not asked all the time.
func TestServiceAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, sandbox.Config{})
		c := d.client(d.tokens())
		down := true
		d.auth.before = func() error {
			if down {
				return errors.New("no route to host")
			}
			return nil
		}
		time.Sleep(24*time.Hour - 2*time.Minute) // past the time to renew
		if _, err := d.send(c, "a"); err != nil {
			t.Errorf("while the old token is good: %v", err)
		}
		time.Sleep(3 * time.Minute)
		for range 100 {
			if _, err := d.send(c, "b"); classOf(err) != importer.Unsent {
				t.Fatalf("got %v, want Unsent", err)
			}
			if err := c.Renew(t.Context(), 0); err != nil {
				t.Fatalf("renewing is no refusal while the service is away: %v", err)
			}
		}
		if got := d.auth.seen(); got > 5 {
			t.Errorf("%d exchanges in no time", got)
		}
		down = false
		time.Sleep(pause)
		if _, err := d.send(c, "b"); err != nil {
			t.Errorf("when the service is back: %v", err)
		}
	})
}

// TestCallerLeaves in the middle of an exchange: it ends all the same.
func TestCallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, sandbox.Config{})
		tokens := d.tokens()
		time.Sleep(30 * time.Hour)
		ctx, cancel := context.WithCancel(t.Context())
		d.auth.after = func() error { cancel(); return nil }
		before := d.stored().refresh.reveal()
		_, _, _ = tokens.Token(ctx)
		if g := d.stored(); g.refresh.reveal() == before || !g.renewing.IsZero() {
			t.Error("the new pair is not on disk")
		}
	})
}

// TestExchangeAnswers goes through what the service may answer.
func TestExchangeAnswers(t *testing.T) {
	for _, test := range []struct {
		status int
		body   string
		class  importer.Class
		advice string
	}{
		{400, `{"error":"invalid_grant","error_description":"Invalid grant: refresh token is invalid"}`, importer.Refused, adviceGrant},
		{401, `{"error":"invalid_grant"}`, importer.Refused, adviceGrant},
		{401, `{"error":"invalid_client","error_description":"Invalid client credentials!"}`, importer.Refused, adviceClient},
		{400, `{"error":"unauthorized_client"}`, importer.Refused, adviceClient},
		{422, `{"message":["refresh token must be a string"]}`, importer.Refused, adviceGrant},
		{400, `{"message":"Bad Request"}`, importer.Refused, adviceExchange},
		{403, `<html><title>Error 1010</title></html>`, importer.Blocked, adviceEdge},
		{302, ``, importer.Blocked, adviceMoved},
		{429, `{}`, importer.Unsent, ""},
		{500, `{"message":"secret-refresh/= secret-refresh%2F%3D client-secret+ client-secret%2B"}`, importer.Unsent, ""},
		{502, `<html>`, importer.Unsent, ""},
		{200, `{"access_token":"ey.half"}`, importer.Unsent, ""},
		{200, `{"access_token":"ey.half","refr`, importer.Unsent, ""},
		{200, ``, importer.Unsent, ""},
	} {
		base, _ := ParseBase(testService)
		refresh, _ := NewToken("secret-refresh/=")
		secret, _ := NewToken("client-secret+")
		app := App{Base: base, ID: "id", Secret: secret, HTTP: doerFunc(func(*http.Request) (*http.Response, error) {
			answer := jsonAnswer(test.status, test.body)
			if strings.HasPrefix(test.body, "<") {
				answer.Header.Set("Content-Type", "text/html")
			}
			return answer, nil
		})}
		_, _, err := app.exchange(t.Context(), ticket{kind: "refresh_token", text: refresh})
		told := (*Error)(nil)
		if !errors.As(err, &told) || told.Class != test.class || told.Advice() != test.advice {
			t.Errorf("%d %s: got %v (%s)", test.status, test.body, err, told.Advice())
		}
		for _, s := range []string{"secret-refresh", "client-secret", "ey.half"} {
			if strings.Contains(fmt.Sprintf("%v %+v %#v", err, told, app), s) {
				t.Errorf("%d %s: the error holds %s", test.status, test.body, s)
			}
		}
	}
}
