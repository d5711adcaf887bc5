package cli_test

import (
	"fmt"
	"os"
	"testing"
	"time"
)

// The long form of what the clock on the wall decides: it takes minutes.

// The hours of sending end while a run sends: with --wait-for-window it rests
// for the minute that is left out, and then goes on to the end.
func TestHoursPause(t *testing.T) {
	if os.Getenv("RELINK_CHAOS") == "" {
		t.Skip("takes two minutes: RELINK_CHAOS=1 runs it")
	}
	t.Parallel()
	r := newRehearsal(t, "--rate", "0", "--daily", "0")
	began := time.Now()
	ends := began.Truncate(time.Minute).Add(time.Minute)
	if ends.Sub(began) < 5*time.Second {
		ends = ends.Add(time.Minute)
	}
	between := ends.Add(time.Minute).Format("15:04") + "-" + ends.Format("15:04")
	n := 10 * int(ends.Sub(began).Seconds()+5)
	cmd := r.start("import", r.rows(n), "--rate", "10/s", "--between", between, "--wait-for-window")
	time.Sleep(time.Until(ends.Add(3 * time.Second)))
	at := r.seen().Requests
	time.Sleep(time.Until(ends.Add(58 * time.Second)))
	if got := r.seen().Requests; got != at || at == 0 || at == n {
		t.Errorf("got %d requests at the end of the pause, %d at its beginning, of %d: want the same, and neither none nor all", got, at, n)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("ended with %v, want 0", err)
	}
	if saw := r.seen(); saw.Relations != n || saw.MaxSends != 1 || time.Now().Before(ends.Add(time.Minute)) {
		t.Errorf("the sandbox saw %+v after %v, want %d pairs, each once", saw, time.Since(began), n)
	}
}

// The day's quota is spent ten seconds before the day turns: --wait-for-quota
// sleeps until it has, and goes on.
func TestWaitForQuota(t *testing.T) {
	if os.Getenv("RELINK_CHAOS") == "" {
		t.Skip("takes a minute: RELINK_CHAOS=1 runs it")
	}
	t.Parallel()
	now := time.Now().UTC()
	midnight := now.Truncate(24 * time.Hour).Add(24 * time.Hour)
	r := newRehearsal(t, "--rate", "0", "--daily", "30", "--clock-offset", fmt.Sprint(midnight.Sub(now)-10*time.Second))
	if got := r.run("import", r.rows(50), "--rate", "100/s", "--wait-for-quota"); got.Exit != 0 || got.Files[0].Created != 50 {
		t.Errorf("got %+v, want exit 0 and 50 created", got)
	}
	if saw := r.seen(); saw.Throttled > 0 || saw.MaxSends != 1 {
		t.Errorf("the sandbox saw %+v, want no 429 and each pair once", saw)
	}
}
