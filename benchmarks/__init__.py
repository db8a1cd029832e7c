"""Measurements that the README and the docs quote; each file or package here is one command."""
