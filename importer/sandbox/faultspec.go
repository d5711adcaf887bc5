package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ParseFaults reads faults as they stand on a command line, separated by commas:
//
//	cut-before=1%  5xx=2%  html-before=1%        before the write
//	429=1%  429=1%:3s  429=1%:3s:date            without and with a Retry-After
//	cut-after=2%  html-after=1%  truncate=1%     after the write
//	slow=0.5%:5s                                 the answer comes that much later
//	latency=50ms  latency=20ms-80ms              of every request
//	outage=100-200  outage=100-200:503           these requests, cut or answered
//	revoke=500                                   each token works this often
//	read-lag=2s                                  lists show a relation that late
//
// A probability is a percentage or a fraction. The empty text is no faults.
func ParseFaults(spec string) (Faults, error) {
	var f Faults
	for word := range strings.SplitSeq(spec, ",") {
		word = strings.TrimSpace(word)
		if word == "" {
			continue
		}
		name, value, ok := strings.Cut(word, "=")
		if !ok {
			return Faults{}, fmt.Errorf("fault %q: want name=value", word)
		}
		if err := f.put(strings.TrimSpace(name), strings.TrimSpace(value)); err != nil {
			return Faults{}, fmt.Errorf("fault %q: %w", word, err)
		}
	}
	return f, f.check()
}

func (f *Faults) put(name, value string) (err error) {
	head, tail, _ := strings.Cut(value, ":")
	odds := map[string]*float64{
		"cut-before": &f.CutBefore, "5xx": &f.ServerError, "html-before": &f.HTMLBefore,
		"cut-after": &f.CutAfter, "html-after": &f.HTMLAfter, "truncate": &f.Truncate,
		"429": &f.Throttle, "slow": &f.Slow,
	}
	if p := odds[name]; p != nil {
		if *p, err = parseOdds(head); err != nil {
			return err
		}
	}
	switch name {
	case "429":
		return f.putThrottle(tail)
	case "slow":
		f.SlowFor, err = time.ParseDuration(tail)
		return err
	case "outage":
		return f.putOutage(head, tail)
	case "latency":
		low, high, ranged := strings.Cut(value, "-")
		if f.LatencyMin, err = time.ParseDuration(low); err != nil || !ranged {
			f.LatencyMax = f.LatencyMin
			return err
		}
		f.LatencyMax, err = time.ParseDuration(high)
		return err
	case "revoke":
		f.RevokeAfter, err = strconv.Atoi(value)
		return err
	case "read-lag":
		f.ReadLag, err = time.ParseDuration(value)
		return err
	}
	switch {
	case odds[name] == nil:
		return fmt.Errorf("there is no fault %q", name)
	case tail != "":
		return fmt.Errorf("%q means nothing here", tail)
	}
	return nil
}

func (f *Faults) putThrottle(tail string) (err error) {
	length, form, _ := strings.Cut(tail, ":")
	if form != "" && form != "date" {
		return fmt.Errorf("%q: want nothing or date", form)
	}
	f.ThrottleDate = form == "date"
	if length != "" {
		f.ThrottleFor, err = time.ParseDuration(length)
	}
	return err
}

func (f *Faults) putOutage(requests, answer string) (err error) {
	if answer != "" && answer != "503" {
		return fmt.Errorf("%q: want nothing or 503", answer)
	}
	f.OutageAnswers = answer == "503"
	from, to, _ := strings.Cut(requests, "-")
	if f.OutageFrom, err = strconv.Atoi(from); err == nil {
		f.OutageTo, err = strconv.Atoi(to)
	}
	return err
}

func parseOdds(s string) (float64, error) {
	number, percent := strings.CutSuffix(s, "%")
	p, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return 0, fmt.Errorf("probability %q: want something like 2%% or 0.02", s)
	}
	if percent {
		p /= 100
	}
	return p, nil
}

// String writes faults as ParseFaults reads them.
func (f Faults) String() string {
	var words []string
	add := func(name, value string) { words = append(words, name+"="+value) }
	for i, p := range f.odds() {
		if p == 0 {
			continue
		}
		value := strconv.FormatFloat(p, 'g', -1, 64)
		switch fault(i) {
		case faultSlow:
			value += ":" + f.SlowFor.String()
		case faultThrottle:
			if f.ThrottleFor > 0 {
				value += ":" + f.ThrottleFor.String()
				if f.ThrottleDate {
					value += ":date"
				}
			}
		}
		add(faultNames[i], value)
	}
	if f.LatencyMax > 0 {
		add("latency", f.LatencyMin.String()+"-"+f.LatencyMax.String())
	}
	if f.OutageFrom > 0 {
		value := fmt.Sprintf("%d-%d", f.OutageFrom, f.OutageTo)
		if f.OutageAnswers {
			value += ":503"
		}
		add("outage", value)
	}
	if f.RevokeAfter > 0 {
		add("revoke", strconv.Itoa(f.RevokeAfter))
	}
	if f.ReadLag > 0 {
		add("read-lag", f.ReadLag.String())
	}
	return strings.Join(words, ",")
}

// UnmarshalJSON reads an object with the names and values of ParseFaults, whose
// values may be numbers too; what is not named does not go wrong.
func (f *Faults) UnmarshalJSON(b []byte) error {
	var fields map[string]any
	in := json.NewDecoder(bytes.NewReader(b))
	in.UseNumber() // 1000000 must not become 1e+06
	if err := in.Decode(&fields); err != nil {
		return err
	}
	*f = Faults{}
	for name, value := range fields {
		if err := f.put(name, fmt.Sprint(value)); err != nil {
			return fmt.Errorf("fault %q: %w", name, err)
		}
	}
	return f.check()
}

// MarshalJSON writes what UnmarshalJSON reads.
func (f Faults) MarshalJSON() ([]byte, error) {
	fields := map[string]string{}
	for word := range strings.SplitSeq(f.String(), ",") {
		if name, value, ok := strings.Cut(word, "="); ok {
			fields[name] = value
		}
	}
	return json.Marshal(fields)
}
