// Books orders: from a queue, from the shop's web API, or handed over directly. It knows nothing of maintenance windows.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

type order struct {
	ID       string `json:"id"`
	Item     string `json:"item"`
	Quantity int    `json:"quantity"`
}

type booked struct {
	ID string `json:"booked"`
}

// What comes in: a batch of a queue, a request of the web API, or an order.
type event struct {
	Records        []events.SQSMessage                    `json:"Records"`
	RequestContext *events.APIGatewayV2HTTPRequestContext `json:"requestContext"`
	Body           string                                 `json:"body"`
	order
}

func handle(_ context.Context, of event) (any, error) {
	switch {
	case of.Records != nil:
		return bookBatch(of.Records)
	case of.RequestContext != nil:
		return bookRequest(of.Body)
	default:
		book(of.order)
		return booked{of.ID}, nil
	}
}

func bookBatch(messages []events.SQSMessage) (response events.SQSEventResponse, err error) {
	orders := make([]order, len(messages))
	for i, message := range messages {
		if err = json.Unmarshal([]byte(message.Body), &orders[i]); err != nil {
			return response, err
		}
	}
	book(orders...)
	response.BatchItemFailures = []events.SQSBatchItemFailure{}
	return response, nil
}

func bookRequest(body string) (response events.APIGatewayV2HTTPResponse, err error) {
	var one order
	if err = json.Unmarshal([]byte(body), &one); err != nil {
		return response, err
	}
	book(one)
	text, err := json.Marshal(booked{one.ID})
	response.StatusCode = http.StatusCreated
	response.Headers = map[string]string{"content-type": "application/json"}
	response.Body = string(text)
	return response, err
}

func book(orders ...order) {
	lines := make([]string, len(orders))
	for i, one := range orders {
		lines[i] = fmt.Sprintf("%s (%d × %s)", one.ID, one.Quantity, one.Item)
	}
	fmt.Println("booked " + strings.Join(lines, ", "))
}

func main() {
	lambda.Start(handle)
}
