package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// bare is the yardstick: the shortest loop that makes the calls, without a file,
// a journal or a pace.
func bare(url string, n int, _ string) (float64, error) {
	client := newClient()
	var next atomic.Int64
	var loops sync.WaitGroup
	errs := make([]error, inFlight)
	began := time.Now()
	for worker := range inFlight {
		loops.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && errs[worker] == nil; i = int(next.Add(1)) - 1 {
				errs[worker] = create(client, url, rowAt(i))
			}
		})
	}
	loops.Wait()
	return time.Since(began).Seconds(), errors.Join(errs...)
}

func newClient() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: inFlight}}
}

func create(client *http.Client, url string, r row) error {
	req, err := http.NewRequest(http.MethodPost, endpoint(url), strings.NewReader(r.body()))
	if err != nil {
		return err
	}
	req.Header = header()
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusCreated {
		return fmt.Errorf("%s: %s", r.First, res.Status)
	}
	return nil
}
