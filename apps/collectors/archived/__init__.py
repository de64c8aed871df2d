"""Reading follower counts from archived pages: one module a site, each knows the shapes its pages had over the years."""
