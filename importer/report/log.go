package report

import (
	"bytes"
	"context"
	"log/slog"
	"strconv"
	"strings"
)

// handler is what the screen's logger writes with: plain lines for people, or
// slog's JSON.
func (s *Screen) handler() slog.Handler {
	level := slog.LevelInfo
	switch {
	case s.output.Verbose:
		level = slog.LevelDebug
	case s.output.Quiet:
		level = slog.LevelWarn
	}
	if s.output.JSON {
		return slog.NewJSONHandler(printer{s}, &slog.HandlerOptions{Level: level, ReplaceAttr: cleanAttr})
	}
	return &lineHandler{screen: s, level: level}
}

// A printer is the Screen as a writer of whole lines.
type printer struct{ screen *Screen }

func (p printer) Write(line []byte) (int, error) {
	p.screen.Print(string(line))
	return len(line), nil
}

// cleanAttr cleans what JSON does not escape by itself.
func cleanAttr(_ []string, a slog.Attr) slog.Attr {
	switch v := a.Value.Any().(type) {
	case string:
		a.Value = slog.StringValue(Clean(v))
	case error:
		a.Value = slog.StringValue(Clean(v.Error()))
	}
	return a
}

// A lineHandler writes one line a record: the time, the level if it is a
// warning or worse, the message, and key=value. A value that is no single word
// is quoted.
type lineHandler struct {
	screen *Screen
	level  slog.Level
	attrs  string // of With, ready to print
	prefix string // of WithGroup: "request."
}

func (h *lineHandler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level }

func (h *lineHandler) Handle(_ context.Context, r slog.Record) error {
	var b bytes.Buffer
	if !r.Time.IsZero() {
		b.WriteString(r.Time.Format("15:04:05 "))
	}
	switch {
	case r.Level >= slog.LevelError:
		b.WriteString("error: ")
	case r.Level >= slog.LevelWarn:
		b.WriteString("warning: ")
	}
	b.WriteString(Clean(r.Message))
	b.WriteString(h.attrs)
	r.Attrs(func(a slog.Attr) bool {
		writeAttr(&b, h.prefix, a)
		return true
	})
	h.screen.Print(b.String())
	return nil
}

func (h *lineHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	var b bytes.Buffer
	b.WriteString(h.attrs)
	for _, a := range attrs {
		writeAttr(&b, h.prefix, a)
	}
	with := *h
	with.attrs = b.String()
	return &with
}

func (h *lineHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	with := *h
	with.prefix += name + "."
	return &with
}

func writeAttr(b *bytes.Buffer, prefix string, a slog.Attr) {
	value := a.Value.Resolve()
	if a.Equal(slog.Attr{}) {
		return
	}
	if value.Kind() == slog.KindGroup {
		if a.Key != "" {
			prefix += a.Key + "."
		}
		for _, inner := range value.Group() {
			writeAttr(b, prefix, inner)
		}
		return
	}
	text := Clean(value.String())
	if value.Kind() == slog.KindDuration {
		text = value.Duration().String()
	}
	if text == "" || strings.ContainsAny(text, " =\"") {
		text = strconv.Quote(text)
	}
	b.WriteByte(' ')
	b.WriteString(Clean(prefix + a.Key))
	b.WriteByte('=')
	b.WriteString(text)
}
