package bench

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// inFlight is how many calls the bare loop keeps going.
const inFlight = 16

// bare is the yardstick: the shortest loop that makes the same calls. It reads
// no file, keeps no journal, paces nothing, and gives up at the first error. It
// returns calls a second.
func bare(t *testing.T, url string, n int) float64 {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: inFlight}}
	defer client.CloseIdleConnections()
	var next, failed atomic.Int64
	var loops sync.WaitGroup
	began := time.Now()
	for range inFlight {
		loops.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := create(client, url, i); err != nil {
					failed.Add(1)
					t.Error(err)
					return
				}
			}
		})
	}
	loops.Wait()
	if failed.Load() > 0 {
		t.FailNow()
	}
	return float64(n) / time.Since(began).Seconds()
}

func create(client *http.Client, url string, i int) error {
	body := fmt.Sprintf(`{"locationId":%q,"associationId":%q,"firstRecordId":%q,"secondRecordId":%q}`,
		location(0), association, first(i), second(i))
	req, err := http.NewRequest(http.MethodPost, url+"/associations/relations", strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer pit-bench")
	req.Header.Set("Version", "2021-07-28")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "bare")
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusCreated {
		return fmt.Errorf("row %d: %s", i, res.Status)
	}
	return nil
}
