from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group

from apps.users.models import User

admin.site.register(User, UserAdmin)
admin.site.unregister(Group)  # beside the groups of actors a second kind of group only confuses
