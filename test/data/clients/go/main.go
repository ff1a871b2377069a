// What the runtime client of Go is invoked with, under test.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

type event struct {
	Fail  bool
	Panic bool
}

func values(_ context.Context, text json.RawMessage) (json.RawMessage, error) {
	var of event
	if err := json.Unmarshal(text, &of); err != nil {
		return nil, err
	}
	if of.Panic {
		panic("on purpose: é €")
	}
	if of.Fail {
		return nil, errors.New("on purpose: é €")
	}
	return text, nil
}

// Gives its first piece at once, and what follows when the test has seen that piece.
type pieces struct {
	given int
	fail  bool
}

func (p *pieces) Read(into []byte) (int, error) {
	p.given++
	switch {
	case p.given == 1:
		return copy(into, "first piece, "), nil
	case p.given == 2:
		for !isReleased() {
			time.Sleep(5 * time.Millisecond)
		}
		return copy(into, "second piece: é €"), nil
	case p.fail:
		return 0, errors.New("in the middle: é €")
	default:
		return 0, io.EOF
	}
}

func isReleased() bool {
	_, err := os.Stat(os.Getenv("RELEASE_FILE"))
	return err == nil
}

func stream(_ context.Context, of event) (io.Reader, error) {
	return &pieces{fail: of.Fail}, nil
}

func main() {
	if os.Getenv("_HANDLER") == "stream" {
		lambda.Start(stream)
	} else {
		lambda.Start(values)
	}
}
