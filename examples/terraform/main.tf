variable "image_uri" {
  type        = string
  description = "An image that holds the client, in ECR."
}

data "aws_iam_policy_document" "lambda" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "orders_api" {
  name_prefix        = "orders-api-"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

resource "aws_iam_role_policy_attachment" "log" {
  role       = aws_iam_role.orders_api.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_iam_role_policy_attachment" "client" {
  role       = aws_iam_role.orders_api.name
  policy_arn = aws_iam_policy.client_orders_api.arn
}

resource "aws_lambda_function" "orders_api" {
  function_name = "orders-api"
  role          = aws_iam_role.orders_api.arn
  package_type  = "Image"
  image_uri     = var.image_uri
  timeout       = 30

  environment {
    variables = local.maintenance_window_environment
  }
}

locals {
  maintenance_window_environment = {
    MAINTENANCE_WINDOW_PARAMETER = "maintenance-window"
    MAINTENANCE_WINDOW_TABLE     = aws_dynamodb_table.maintenance_events.name
  }
}
