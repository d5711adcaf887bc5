package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func noWidth() int { return 0 }

func TestLogForPeople(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		s := newScreen(&out, noWidth, Output{Verbose: true})
		defer s.Close()
		clock := time.Now().Format("15:04:05 ")
		log := s.Log()
		log.Debug("created", "line", 17, "pair", "a → b")
		log.Info("loaded", "file", "links.csv", "took", 1500*time.Millisecond)
		log.Warn("held by 429", "location", "")
		log.Error("writing outcomes", "error", errors.New("no \x1b[31mroute\x1b[0m"))
		log.With("location", "abc").WithGroup("quota").Info("seen\x1b[2J", "left", 7, slog.Group("day", "limit", 9))
		want := clock + "created line=17 pair=\"a → b\"\n" +
			clock + "loaded file=links.csv took=1.5s\n" +
			clock + "warning: held by 429 location=\"\"\n" +
			clock + "error: writing outcomes error=\"no route\"\n" +
			clock + "seen location=abc quota.left=7 quota.day.limit=9\n"
		if got := out.String(); got != want {
			t.Errorf("got\n%swant\n%s", got, want)
		}
	})
}

func TestLogLevels(t *testing.T) {
	for _, test := range []struct {
		output Output
		want   string
	}{
		{Output{}, "info warning error"},
		{Output{Quiet: true}, "warning error"},
		{Output{Verbose: true}, "debug info warning error"},
		{Output{Quiet: true, JSON: true}, "warning error"},
	} {
		var out bytes.Buffer
		s := newScreen(&out, noWidth, test.output)
		s.Log().Debug("debug")
		s.Log().Info("info")
		s.Log().Warn("warning")
		s.Log().Error("error")
		s.Close()
		var got []string
		for line := range strings.Lines(out.String()) {
			words := strings.Fields(strings.Map(func(r rune) rune {
				if strings.ContainsRune(`"{},:`, r) {
					return ' '
				}
				return r
			}, line))
			got = append(got, words[len(words)-1])
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%+v: got %q, want %q", test.output, got, test.want)
		}
	}
}

func TestLogAsJSON(t *testing.T) {
	var out bytes.Buffer
	s := newScreen(&out, noWidth, Output{JSON: true})
	s.Log().Warn("held", "by", "a\u009b31mb", "error", errors.New("\x1b[2Jgone"))
	s.Close()
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v in %q", err, out.String())
	}
	if got["level"] != "WARN" || got["msg"] != "held" || got["by"] != "ab" || got["error"] != "gone" {
		t.Errorf("got %v", got)
	}
}

func BenchmarkLogLine(b *testing.B) {
	s := newScreen(io.Discard, noWidth, Output{Verbose: true})
	defer s.Close()
	b.ReportAllocs()
	for b.Loop() {
		s.Log().Debug("created", "line", 17, "location", "abc")
	}
}
