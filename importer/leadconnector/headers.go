package leadconnector

import (
	"net/http"
	"strings"
	"time"

	"relink/importer"
)

// The headers that every answer carries (D), DailyReset besides (S), in the
// canonical form under which net/http stores them.
const (
	headerMax            = "X-Ratelimit-Max"
	headerRemaining      = "X-Ratelimit-Remaining"
	headerInterval       = "X-Ratelimit-Interval-Milliseconds"
	headerDailyLimit     = "X-Ratelimit-Limit-Daily"
	headerDailyRemaining = "X-Ratelimit-Daily-Remaining"
	headerDailyReset     = "X-Ratelimit-Daily-Reset"
)

// What lies beyond these is no statement about limits but a fault, and changes
// nothing: it must not stop a run for years, nor let it loose.
const (
	maxBurst      = 1_000_000
	maxInterval   = time.Hour
	maxDaily      = 1_000_000_000
	maxDailyReset = 48 * time.Hour
	maxRetryAfter = 24 * time.Hour
)

// quotaOf reads what the headers say of the limits. A header that is missing or
// makes no sense leaves its fields unknown, which
// for a maximum, a limit and an interval is the same as 0.
func quotaOf(h http.Header, now time.Time) importer.Quota {
	var q importer.Quota
	if n, ok := count(h, headerMax, maxBurst); ok {
		q.Max = int(n)
	}
	if n, ok := count(h, headerInterval, maxInterval.Milliseconds()); ok {
		q.Interval = time.Duration(n) * time.Millisecond
	}
	if n, ok := count(h, headerRemaining, maxBurst); ok && (q.Max == 0 || int(n) <= q.Max) {
		q.Remaining, q.HasRemaining = int(n), true
	}
	if n, ok := count(h, headerDailyLimit, maxDaily); ok {
		q.DailyLimit = int(n)
	}
	if n, ok := count(h, headerDailyRemaining, maxDaily); ok && (q.DailyLimit == 0 || int(n) <= q.DailyLimit) {
		q.DailyRemaining, q.HasDailyRemaining = int(n), true
	}
	q.DailyReset = dailyReset(h, now)
	return q
}

// dailyReset reads milliseconds left (S); by the number of its digits also a
// point in time, in milliseconds or seconds since 1970 (I). Zero is unknown.
func dailyReset(h http.Header, now time.Time) time.Time {
	text := first(h, headerDailyReset)
	n, ok := digits(text)
	if !ok {
		return time.Time{}
	}
	var at time.Time
	switch len(text) {
	case 13:
		at = time.UnixMilli(n)
	case 10:
		at = time.Unix(n, 0)
	default:
		if n > maxDailyReset.Milliseconds() {
			return time.Time{}
		}
		at = now.Add(time.Duration(n) * time.Millisecond)
	}
	if at.Before(now) || at.After(now.Add(maxDailyReset)) {
		return time.Time{}
	}
	return at
}

// retryAfter reads Retry-After, in seconds or as an HTTP date; 0 when there is
// none, it makes no sense or is over. It is never above 24 hours.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := first(h, "Retry-After")
	if text == "" {
		return 0
	}
	if strings.Trim(text, "0123456789") == "" {
		n, ok := digits(text)
		if !ok || n > int64(maxRetryAfter/time.Second) {
			return maxRetryAfter
		}
		return time.Duration(n) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}

// count reads a header that is a whole number from 0 to limit.
func count(h http.Header, name string, limit int64) (int64, bool) {
	n, ok := digits(first(h, name))
	return n, ok && n <= limit
}

// first is the header's first value. It takes the canonical name, since
// Header.Get would look at every byte of it on every answer.
func first(h http.Header, name string) string {
	if values := h[name]; len(values) > 0 {
		return strings.TrimSpace(values[0])
	}
	return ""
}

// digits reads 1 to 18 decimal digits, and nothing else: no sign, no point.
func digits(text string) (int64, bool) {
	if text == "" || len(text) > 18 {
		return 0, false
	}
	var n int64
	for i := range len(text) {
		c := text[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}
