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

resource "aws_lambda_layer_version" "maintenance_window" {
  layer_name               = "maintenance-window-proxy-arm64"
  filename                 = local.maintenance_window_layer
  source_code_hash         = filebase64sha256(local.maintenance_window_layer)
  compatible_architectures = ["arm64"]
}

resource "aws_lambda_function" "orders_api" {
  function_name = "orders-api"
  role          = aws_iam_role.orders_api.arn
  filename      = "orders.zip"
  handler       = "app.handler"
  runtime       = "python3.13"
  architectures = ["arm64"]
  layers        = [aws_lambda_layer_version.maintenance_window.arn]
  timeout       = 30

  environment {
    variables = local.maintenance_window_environment
  }
}

locals {
  maintenance_window_layer = "node_modules/@maintenance-window/lambda/dist/proxy-layer/maintenance-window-proxy-arm64.zip"
  maintenance_window_environment = {
    MAINTENANCE_WINDOW_PARAMETER = "maintenance-window"
    MAINTENANCE_WINDOW_TABLE     = aws_dynamodb_table.maintenance_events.name
    AWS_LAMBDA_EXEC_WRAPPER      = "/opt/maintenance-window/wrapper"
  }
}
