// Package pace says when the next call of a lane may start, so that a location's
// whole allowance is used and no call of ours ever meets a 429.
//
// A call has to pass five gates, in this order:
//
//	day      what is left of the day's quota, less what is to be left over
//	hold     nothing starts for a while after a 429
//	probe    with nothing known of the bucket's state, one call at a time
//	slots    as many as the window allows; a slot is free again one interval
//	         after the answer of the call that used it
//	rate     x/time/rate at max/interval, so that calls are spread evenly
//
// The slots are the proof. A call reaches the service after it was sent and
// before its answer arrives, so at any instant each call that a window of the
// service holds, sliding or fixed, also holds one of our slots, whatever its
// latency. The other gates make it even, polite and cheap.
//
// The headers of the answers resize the gates: Max and Interval can only lower
// what was asked for; Remaining shows what others take from the same bucket
// (see others); DailyRemaining is the day (see day). Answers come in any order
// and carry no name: a Lane counts them, it does not match them to calls.
//
// A run leaves a Trail, and the next one follows it: so it may start inside a
// window of a killed one and lose about a second, not the interval.
//
// What cannot be had: at full use an unseen newcomer to the bucket shows itself
// only by a first 429. Room is made from then on.
package pace
