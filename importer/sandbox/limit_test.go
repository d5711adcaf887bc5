package sandbox

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// send puts one create straight into the handler, as in a bubble no network is.
func send(s *Server, location, first string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", create, strings.NewReader(pair(location, first, "b")))
	r.Header.Set("Authorization", "Bearer t")
	r.Header.Set("Version", version)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func mustNew(t *testing.T, c Config) *Server {
	t.Helper()
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestHeadersTellTheAllowance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mustNew(t, Config{RetryAfter: RetrySeconds, Limits: map[string]Limit{"L": {Max: 2, Daily: 3}, "free": free}})
		rows := []struct {
			after     time.Duration
			status    int
			left, day string
			retry     string
		}{
			{0, 201, "1", "2", ""},
			{4 * time.Second, 201, "0", "1", ""},
			{time.Second, 429, "0", "1", "5"},
			{5 * time.Second, 201, "0", "0", ""}, // ten seconds after the first
			{10 * time.Second, 429, "2", "0", "86380"},
			{24 * time.Hour, 201, "1", "2", ""},
		}
		for i, row := range rows {
			time.Sleep(row.after)
			w := send(s, "L", fmt.Sprint(i))
			h := w.Header()
			got := []string{fmt.Sprint(w.Code), h.Get("X-RateLimit-Remaining"), h.Get("X-RateLimit-Daily-Remaining"), h.Get("Retry-After"),
				h.Get("X-RateLimit-Max"), h.Get("X-RateLimit-Interval-Milliseconds"), h.Get("X-RateLimit-Limit-Daily")}
			want := []string{fmt.Sprint(row.status), row.left, row.day, row.retry, "2", "10000", "3"}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("request %d: got %q, want %q", i, got, want)
			}
		}
		if got := send(s, "L", "r").Header().Get("X-RateLimit-Daily-Reset"); got != "86380000" {
			t.Errorf("got a day's rest of %s ms, want 86380000", got)
		}
		if got := send(s, "free", "a").Header(); got.Get("X-RateLimit-Max") != "" || got.Get("X-RateLimit-Limit-Daily") != "" {
			t.Errorf("got %v without limits, want no headers of them", got)
		}
		if got := send(s, "plain", "a").Header(); got.Get("X-RateLimit-Max") != "100" || got.Get("X-RateLimit-Limit-Daily") != "200000" {
			t.Errorf("got %v, want the service's own limits", got)
		}
	})
}

func TestWindows(t *testing.T) {
	// A bubble begins at midnight, so fixed windows begin at whole multiples of 10 s.
	rows := []struct {
		window string
		at     []float64 // seconds
		want   string
	}{
		{WindowSliding, []float64{0, 5, 9.999, 10, 12, 15}, "yynyny"},
		{WindowFixed, []float64{0, 5, 9.999, 10, 12, 15, 20}, "yynyyny"},
		{WindowStrict, []float64{0, 5, 9.999, 10, 14, 24}, "yynnny"},
	}
	for _, row := range rows {
		t.Run(row.window, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := mustNew(t, Config{Limit: Limit{Max: 2}, Window: row.window})
				begun, got := time.Now(), ""
				for i, at := range row.at {
					time.Sleep(time.Duration(at*1e9) - time.Since(begun))
					if send(s, "L", fmt.Sprint(i)).Code == 429 {
						got += "n"
					} else {
						got += "y"
					}
				}
				if got != row.want {
					t.Errorf("got %s, want %s", got, row.want)
				}
			})
		})
	}
}

func TestRetryAfterIsTrue(t *testing.T) {
	// One passes at 1.5 s; the one at 3.2 s is told when to come again.
	seconds := map[string]int{WindowSliding: 9, WindowFixed: 7, WindowStrict: 10}
	for window, want := range seconds {
		for _, form := range []string{RetrySeconds, RetryDate} {
			synctest.Test(t, func(t *testing.T) {
				s := mustNew(t, Config{Limit: Limit{Max: 1}, Window: window, RetryAfter: form})
				time.Sleep(1500 * time.Millisecond)
				send(s, "L", "a")
				time.Sleep(1700 * time.Millisecond)
				after := send(s, "L", "b").Header().Get("Retry-After")
				wait := time.Duration(want) * time.Second
				if form == RetryDate {
					at, err := http.ParseTime(after)
					if got := time.Until(at); err != nil || got < wait || got > wait+time.Second {
						t.Errorf("%s: got %q (%v), %v away, want %v", window, after, err, got, wait)
					}
				} else if after != fmt.Sprint(want) {
					t.Errorf("%s: got %q, want %d", window, after, want)
				}
				time.Sleep(wait)
				if got := send(s, "L", "b").Code; got != 201 {
					t.Errorf("%s %s: got %d after waiting %v, want 201", window, form, got, wait)
				}
			})
		}
	}
}

func TestOthersOfALongSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mustNew(t, Config{Limit: Limit{Max: -1, Daily: 1e9}, Others: 1000})
		send(s, "L", "a")
		time.Sleep(400*24*time.Hour + time.Hour) // one by one it would take minutes
		send(s, "L", "b")
		if got := s.Stats().Locations["L"].SpentToday; got < 3_590_000 || got > 3_610_000 {
			t.Errorf("got %d spent, want 1,000 a second of this day's one hour", got)
		}
	})
}

func TestOthersSpendTheSameAllowance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mustNew(t, Config{Limit: Limit{Max: 100}, Others: 4})
		send(s, "L", "first")
		time.Sleep(time.Minute)
		passed := 0
		for i := range 100 {
			if send(s, "L", fmt.Sprint(i)).Code == 201 {
				passed++
			}
		}
		if passed != 60 {
			t.Errorf("got %d through, want the 60 that others leave", passed)
		}
		got := s.Stats()
		if got.MostArrivals != 100 || got.MostPassed != 60 || got.Requests != 101 {
			t.Errorf("got %+v: the other client's requests are not ours", got)
		}
		if l := got.Locations["L"]; l.SpentToday < 60+1+230 || l.SpentToday > 60+1+242 {
			t.Errorf("got %d spent, want ours and about 240 of the other client", l.SpentToday)
		}
	})
}

func TestClockMovesTheDay(t *testing.T) {
	s := start(t, Config{Limit: Limit{Daily: 1}})
	s.create("L", "a", "b").want(t, 201)
	s.create("L", "a", "c").want(t, 429)
	s.do("POST", "/_sandbox/clock?advance=24h", "").want(t, 200)
	if got := s.Stats().Locations["L"].SpentToday; got != 0 {
		t.Errorf("got %d spent on the new day, want 0", got)
	}
	s.create("L", "a", "c").want(t, 201)
}

func TestRefusedCallersSpendNothing(t *testing.T) {
	s := start(t, Config{Limit: Limit{Max: 2}, Refusals: map[string]string{"bad": "scope"}})
	for range 3 {
		got := s.do("POST", create, pair("L", "a", "b"), "Authorization", "Bearer bad")
		got.want(t, 401)
		if left := got.header.Get("X-RateLimit-Remaining"); left != "2" {
			t.Errorf("got %q remaining, want 2", left)
		}
	}
	if got := s.Stats(); got.MostArrivals != 3 || got.MostPassed != 0 {
		t.Errorf("got %+v, want 3 arrivals and none passed", got)
	}
}
