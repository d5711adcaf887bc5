package main

import (
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// attack sends the rows with vegeta's library, as fast as its workers can.
func attack(url string, n int, _ string) (float64, error) {
	var next atomic.Int64
	targets := func(t *vegeta.Target) error {
		i := int(next.Add(1)) - 1
		if i >= n {
			return vegeta.ErrNoTargets
		}
		t.Method, t.URL, t.Header, t.Body = http.MethodPost, endpoint(url), header(), []byte(rowAt(i).body())
		return nil
	}
	attacker := vegeta.NewAttacker(vegeta.Workers(inFlight), vegeta.MaxWorkers(inFlight), vegeta.Connections(inFlight))
	var failed error
	began := time.Now()
	for result := range attacker.Attack(targets, vegeta.ConstantPacer{}, 0, "") {
		if result.Error != "" && result.Error != vegeta.ErrNoTargets.Error() {
			failed = errors.New(result.Error)
		}
	}
	return time.Since(began).Seconds(), failed
}
