package sandbox

import (
	"net/http"
	"strconv"
)

// before plays the faults that come before the write, and returns the answer
// that stands in for the true one.
func before(luck *stroke) (a answer, struck bool) {
	switch luck.fault {
	case faultCutBefore:
		return answer{}, true
	case faultServerError:
		if luck.coin {
			return problem(http.StatusServiceUnavailable, "Service Unavailable"), true
		}
		return problem(http.StatusInternalServerError, "Internal server error"), true
	case faultHTMLBefore:
		return badGateway(), true
	case faultThrottle:
		form := RetryNone
		switch {
		case luck.set.ThrottleFor > 0 && luck.set.ThrottleDate:
			form = RetryDate
		case luck.set.ThrottleFor > 0:
			form = RetrySeconds
		}
		return throttled(luck.set.ThrottleFor, form), true
	}
	return answer{}, false
}

// deliver writes the answer, or what a fault leaves of it. The status is what
// the client gets to see; it is set before the connection is cut.
func deliver(w http.ResponseWriter, a answer, luck stroke, status *int) {
	f := luck.fault
	switch {
	case f == faultCutBefore, f == faultCutAfter, f == faultOutage && !luck.answer:
		panic(http.ErrAbortHandler)
	case f == faultHTMLAfter:
		a = badGateway()
	case f == faultTruncate && len(a.body) == 0:
		panic(http.ErrAbortHandler) // there is no middle to end in
	}
	h := w.Header()
	h["Content-Type"] = typeJSON
	if a.html {
		h["Content-Type"] = typeHTML
	}
	if a.retry != "" {
		h["Retry-After"] = []string{a.retry}
	}
	h["Content-Length"] = []string{strconv.Itoa(len(a.body))}
	w.WriteHeader(a.status)
	*status = a.status
	if f != faultTruncate {
		_, _ = w.Write(a.body) // a client that has left cannot be told
		return
	}
	_, _ = w.Write(a.body[:len(a.body)/2])
	_ = http.NewResponseController(w).Flush() // else nothing at all would arrive
	panic(http.ErrAbortHandler)
}
