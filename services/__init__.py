"""What people, staff and hosts may do: each act decided by `domain`, kept by `store`, in one transaction.

Services know no HTTP: pages, the JSON API and the command line ask them alike.
"""
