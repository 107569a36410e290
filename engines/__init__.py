"""A guest: Kafka, ZooKeeper, Storm, Solr, Milvus and an S3 server as processes, without Docker."""
