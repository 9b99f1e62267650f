//! What API Gateway adds to a call of an AWS service whose uri names an action.

use crate::api::ServiceRef;
use crate::mapping::parameter::Mapped;

/// Services whose action API Gateway names in `X-Amz-Target`: the prefix there, and the version of their JSON protocol.
/// Not `ssm`, which was recorded to answer in its older query protocol, and so was asked by `Action` alone; nor `events`,
/// which works only with a header that the definition maps.
const JSON_SERVICES: &[(&str, &str, &str)] = &[
    ("acm", "CertificateManager", "1.1"),
    ("athena", "AmazonAthena", "1.1"),
    ("codebuild", "CodeBuild_20161006", "1.1"),
    ("codepipeline", "CodePipeline_20150709", "1.1"),
    ("cognito-identity", "AWSCognitoIdentityService", "1.1"),
    ("cognito-idp", "AWSCognitoIdentityProviderService", "1.1"),
    ("comprehend", "Comprehend_20171127", "1.1"),
    ("dynamodb", "DynamoDB_20120810", "1.0"),
    ("ecs", "AmazonEC2ContainerServiceV20141113", "1.1"),
    ("firehose", "Firehose_20150804", "1.1"),
    ("glue", "AWSGlue", "1.1"),
    ("kinesis", "Kinesis_20131202", "1.1"),
    ("kms", "TrentService", "1.1"),
    ("logs", "Logs_20140328", "1.1"),
    ("rekognition", "RekognitionService", "1.1"),
    ("sagemaker", "SageMaker", "1.1"),
    ("secretsmanager", "secretsmanager", "1.1"),
    ("states", "AWSStepFunctions", "1.0"),
    ("textract", "Textract", "1.1"),
    ("transcribe", "Transcribe", "1.1"),
    ("translate", "AWSShineFrontendService_20170701", "1.1"),
];

/// The `action/NAME` form of a uri is the `Action` parameter, and for a service with a JSON protocol the header that says
/// the same, with the content type that goes with it. What the definition maps itself wins.
pub(crate) fn with_action(service: &ServiceRef, mut mapped: Mapped) -> Mapped {
    let Some(action) = &service.action else { return mapped };
    if !mapped.query.iter().any(|(name, _)| name == "Action") {
        mapped.query.insert(0, ("Action".into(), action.to_string()));
    }
    let Some((_, prefix, version)) = JSON_SERVICES.iter().find(|(name, _, _)| **name == *service.service) else {
        return mapped;
    };
    if !mapped.headers.contains("x-amz-target") {
        mapped.headers.push("X-Amz-Target", format!("{prefix}.{action}"));
    }
    if !mapped.headers.contains("content-type") {
        mapped.headers.push("Content-Type", format!("application/x-amz-json-{version}"));
    }
    mapped
}
